<#
.SYNOPSIS
Creates the folder and the .nupkg file that the PowerShell Gallery takes, from what the build left in module/.

.DESCRIPTION
Writes two things to the destination folder:
Helicone/                  The folder that Publish-PSResource -Path takes.
Helicone.<version>.nupkg   The same as one file, for Publish-PSResource -NupkgPath and for the tests of the package.

The version comes from module/Helicone.psd1.

.PARAMETER Destination
The folder to write to. An earlier package in it is replaced.

.OUTPUTS
System.IO.FileInfo: the .nupkg file.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Destination
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot -Parent
$module = Join-Path $root 'module'
if (-not (Test-Path (Join-Path $module 'bin/Helicone.dll'))) {
    throw "The module isn't built: 'module/bin/Helicone.dll' is missing. Run './build.ps1' first."
}

# Compress-PSResource is in PSResourceGet 1.1, which PowerShell 7.5 and later include.
if (-not (Get-Command Compress-PSResource -ErrorAction Ignore)) {
    throw "Compress-PSResource is missing. Run 'Install-PSResource Microsoft.PowerShell.PSResourceGet', or use PowerShell 7.5 or later."
}

$folder = Join-Path $Destination 'Helicone'
if (Test-Path $folder) {
    Remove-Item $folder -Recurse -Force
}

$null = New-Item -ItemType Directory $folder -Force
foreach ($item in 'Helicone.psd1', 'Helicone.Format.ps1xml', 'Helicone.Types.ps1xml', 'en-US', 'bin') {
    Copy-Item (Join-Path $module $item) $folder -Recurse
}

foreach ($item in 'LICENSE', 'README.md', 'CHANGELOG.md', 'THIRD-PARTY-NOTICES.txt') {
    Copy-Item (Join-Path $root $item) $folder
}

$manifest = Test-ModuleManifest (Join-Path $folder 'Helicone.psd1')
$label = $manifest.PrivateData.PSData['Prerelease']
$version = if ($label) { "$($manifest.Version)-$label" } else { "$($manifest.Version)" }
$package = Join-Path $Destination "Helicone.$version.nupkg"
if (Test-Path $package) {
    Remove-Item $package
}

Compress-PSResource -Path $folder -DestinationPath $Destination
Get-Item $package
