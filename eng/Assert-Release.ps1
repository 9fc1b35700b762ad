<#
.SYNOPSIS
Stops a release whose tag, manifest, package, and repository don't agree.

.PARAMETER Tag
The tag, such as v0.1.0-preview1.

.PARAMETER Repository
The address of the repository that the release runs in. The ProjectUri of the manifest, and with it every help page of Get-Help -Online, must be there.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Tag,

    [Parameter(Mandatory)]
    [string] $Repository
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot -Parent
$manifest = Import-PowerShellDataFile (Join-Path $root 'module/Helicone.psd1')
$data = $manifest.PrivateData.PSData
$version = if ($data.Prerelease) { "$($manifest.ModuleVersion)-$($data.Prerelease)" } else { $manifest.ModuleVersion }
if ($Tag -ne "v$version") {
    throw "The tag '$Tag' isn't the version of the manifest, 'v$version'."
}

if ($data.ProjectUri -ne $Repository) {
    throw "The manifest's ProjectUri is '$($data.ProjectUri)', and this repository is '$Repository'. Change the addresses in module/Helicone.psd1."
}

if (-not (Test-Path (Join-Path $root "artifacts/Helicone.$version.nupkg"))) {
    throw "The package 'artifacts/Helicone.$version.nupkg' is missing."
}

if (-not (Select-String -Path (Join-Path $root 'CHANGELOG.md') -SimpleMatch "## $($manifest.ModuleVersion)" -Quiet)) {
    throw "CHANGELOG.md has no section for $($manifest.ModuleVersion)."
}
