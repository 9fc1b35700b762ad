<#
.SYNOPSIS
Builds, tests, and packages the Helicone module.

.DESCRIPTION
A thin wrapper around the dotnet commands of the README and the scripts in eng/.

.PARAMETER Task
Build         Runs 'dotnet build Helicone.sln', which fills module/bin, so that 'Import-Module ./module/Helicone.psd1' works.
Test          Runs 'dotnet test', which includes the Pester tests, then PSScriptAnalyzer if it is installed.
Pester        Runs the Pester tests only, on the pwsh that the build downloads.
Coverage      Runs the xunit tests with coverage, and prints the line coverage of each project.
Package       Builds Release, creates artifacts/Helicone and artifacts/Helicone.<version>.nupkg, and tests the package.
Notices       Writes THIRD-PARTY-NOTICES.txt from the packages that the last build restored.
UpdateModels  Writes models.json from Helicone's public model registry. Needs the network.

.PARAMETER Configuration
Debug or Release. Package always builds Release.

.PARAMETER SkipTest
With Package, creates the package without testing it.

.EXAMPLE
./build.ps1 -Task Test

.EXAMPLE
./build.ps1 -Task Package
#>
[CmdletBinding()]
param(
    [ValidateSet('Build', 'Test', 'Pester', 'Coverage', 'Package', 'Notices', 'UpdateModels')]
    [string] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    [switch] $SkipTest
)

$ErrorActionPreference = 'Stop'
$root = $PSScriptRoot

function Invoke-Dotnet {
    & dotnet @args
    if ($LASTEXITCODE -ne 0) {
        throw "'dotnet $args' ended with exit code $LASTEXITCODE."
    }
}

function Test-WithAnalyzer {
    if (-not (Get-Module -ListAvailable PSScriptAnalyzer)) {
        Write-Warning "PSScriptAnalyzer isn't installed, so the scripts weren't analyzed."
        return
    }

    $findings = 'build.ps1', 'eng', 'module/Helicone.psd1', 'samples', 'tests/Pester' |
        ForEach-Object { Invoke-ScriptAnalyzer -Path (Join-Path $root $_) -Recurse -Severity Warning, Error }
    if ($findings) {
        $findings | Format-Table -AutoSize | Out-Host
        throw "PSScriptAnalyzer reported $(@($findings).Count) findings."
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
    'Coverage' {
        & (Join-Path $root 'eng/Measure-Coverage.ps1')
    }
    'Package' {
        Invoke-Dotnet build (Join-Path $root 'Helicone.sln') --configuration Release
        $notices = New-TemporaryFile
        & (Join-Path $root 'eng/Update-Notices.ps1') -Path $notices.FullName
        $stale = (Get-Content $notices -Raw) -ne (Get-Content (Join-Path $root 'THIRD-PARTY-NOTICES.txt') -Raw)
        Remove-Item $notices
        if ($stale) {
            throw "THIRD-PARTY-NOTICES.txt doesn't match the packages that ship. Run './build.ps1 -Task Notices', and review the difference."
        }

        $package = & (Join-Path $root 'eng/New-Package.ps1') -Destination (Join-Path $root 'artifacts')
        Write-Output ('Created {0} ({1:n1} MB).' -f $package.FullName, ($package.Length / 1MB))
        if (-not $SkipTest) {
            $env:HELICONE_PACKAGE = $package.FullName
            try {
                Invoke-Dotnet test (Join-Path $root 'tests/Helicone.Pester.Tests') --configuration Release --filter 'DisplayName~Package.Tests.ps1'
            }
            finally {
                $env:HELICONE_PACKAGE = $null
            }
        }
    }
    'Notices' {
        & (Join-Path $root 'eng/Update-Notices.ps1')
    }
    'UpdateModels' {
        & (Join-Path $root 'eng/Update-Models.ps1')
    }
}
