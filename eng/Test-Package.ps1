<#
.SYNOPSIS
Tests artifacts/*.nupkg on one version of PowerShell 7, for the test matrix of the build workflow.

.DESCRIPTION
Installs the latest PowerShell of that version as a .NET tool into artifacts/pwsh, and runs tests/Pester/Package.Tests.ps1 on it.

.PARAMETER PowerShell
The version, such as 7.4.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [ValidatePattern('^7\.\d+$')]
    [string] $PowerShell
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot -Parent
$artifacts = Join-Path $root 'artifacts'
$package = Get-ChildItem $artifacts -Filter Helicone.*.nupkg | Select-Object -First 1
if (-not $package) {
    throw "There is no package in '$artifacts'. Run './build.ps1 -Task Package' first."
}

$tools = Join-Path $artifacts "pwsh-$PowerShell"
dotnet tool install PowerShell --version "$PowerShell.*" --tool-path $tools
if ($LASTEXITCODE -ne 0) {
    throw "PowerShell $PowerShell couldn't be installed."
}

# The tests need Pester, and an older Polly. The restore of the test project brings both.
dotnet restore (Join-Path $root 'tests/Helicone.Pester.Tests')
if ($LASTEXITCODE -ne 0) {
    throw "The packages of the tests couldn't be restored."
}

$packages = (dotnet msbuild (Join-Path $root 'tests/Helicone.Pester.Tests') -getProperty:NuGetPackageRoot).Trim()
$pester = (dotnet msbuild (Join-Path $root 'tests/Helicone.Pester.Tests') -getProperty:PesterVersion).Trim()
$env:PATH = $tools + [System.IO.Path]::PathSeparator + $env:PATH
$env:HELICONE_PACKAGE = $package.FullName
$env:HELICONE_TEST_OLDER_POLLY = Join-Path $packages 'polly.core/8.4.2/lib/net8.0/Polly.Core.dll'
$script = @'
param($Pester, $Tests)
Import-Module $Pester
$run = Invoke-Pester -Path $Tests -PassThru -Output Detailed
exit ($run.FailedCount + $run.FailedContainersCount)
'@
$file = Join-Path $artifacts 'test-package.ps1'
Set-Content $file $script
pwsh -NoProfile -NonInteractive -File $file (Join-Path $packages "pester/$pester/tools/Pester.psd1") (Join-Path $root 'tests/Pester/Package.Tests.ps1')
if ($LASTEXITCODE -ne 0) {
    throw "$LASTEXITCODE tests of the package failed on PowerShell $PowerShell."
}
