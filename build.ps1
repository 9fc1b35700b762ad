<#
.SYNOPSIS
Builds, tests and packs the Helicone module.

.DESCRIPTION
A thin wrapper around the dotnet commands of the README, for people who are in PowerShell anyway.

.PARAMETER Task
Build    dotnet build Helicone.sln: fills module/bin, so that Import-Module ./module/Helicone.psd1 works.
Test     dotnet test, which includes the Pester tests, then PSScriptAnalyzer if it is installed.
Pester   The Pester tests alone, on the pwsh that the build downloads.
Package  A folder as the PowerShell Gallery wants it: artifacts/Helicone.

.PARAMETER Configuration
Debug or Release. Package always builds Release.

.EXAMPLE
./build.ps1 -Task Test

.EXAMPLE
./build.ps1 -Task Package
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Pester', 'Package')]
    [string] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug'
)

$ErrorActionPreference = 'Stop'
$root = $PSScriptRoot

function Invoke-Dotnet {
    & dotnet @args
    if ($LASTEXITCODE -ne 0) {
        throw "dotnet $args ended with $LASTEXITCODE."
    }
}

function Test-WithAnalyzer {
    if (-not (Get-Module -ListAvailable PSScriptAnalyzer)) {
        Write-Warning 'PSScriptAnalyzer is not installed: the scripts were not analysed.'
        return
    }

    $findings = 'build.ps1', 'module/Helicone.psd1', 'samples', 'tests/Pester' |
        ForEach-Object { Invoke-ScriptAnalyzer -Path (Join-Path $root $_) -Recurse -Severity Warning, Error }
    if ($findings) {
        $findings | Format-Table -AutoSize | Out-Host
        throw "PSScriptAnalyzer found $(@($findings).Count) things."
    }
}

switch ($Task) {
    'Build' {
        Invoke-Dotnet build (Join-Path $root 'Helicone.sln') --configuration $Configuration
    }
    'Test' {
        Invoke-Dotnet test (Join-Path $root 'Helicone.sln') --configuration $Configuration
        Test-WithAnalyzer
    }
    'Pester' {
        Invoke-Dotnet test (Join-Path $root 'tests/Helicone.Pester.Tests') --configuration $Configuration
    }
    'Package' {
        Invoke-Dotnet build (Join-Path $root 'Helicone.sln') --configuration Release
        $package = Join-Path $root 'artifacts/Helicone'
        if (Test-Path $package) {
            Remove-Item $package -Recurse -Force
        }

        Copy-Item (Join-Path $root 'module') $package -Recurse
        Copy-Item (Join-Path $root 'LICENSE'), (Join-Path $root 'README.md'), (Join-Path $root 'CHANGELOG.md') $package
        $null = Test-ModuleManifest (Join-Path $package 'Helicone.psd1')
        Write-Output "Packed $package."
    }
}
