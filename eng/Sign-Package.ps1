<#
.SYNOPSIS
Signs the scripts and this project's own assemblies in a package, and packs it again. Windows only.

.DESCRIPTION
The certificate comes as Base64 of a .pfx file in SIGNING_CERTIFICATE, its password in SIGNING_PASSWORD. Assemblies of other packages keep the
signatures that their authors gave them. Written without a certificate, so it has not run yet.

.PARAMETER Path
The folder that has the .nupkg file.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Path
)

$ErrorActionPreference = 'Stop'
if (-not $env:SIGNING_CERTIFICATE) {
    throw 'SIGNING_CERTIFICATE is not set.'
}

$package = Get-ChildItem $Path -Filter Helicone.*.nupkg | Select-Object -First 1
$stage = Join-Path ([System.IO.Path]::GetTempPath()) "helicone-sign-$([guid]::NewGuid())"
$folder = Join-Path $stage 'Helicone'
Expand-Archive -LiteralPath $package.FullName -DestinationPath $folder
foreach ($item in '_rels', 'package', '[Content_Types].xml', 'Helicone.nuspec') {
    Remove-Item -LiteralPath (Join-Path $folder $item) -Recurse -ErrorAction Ignore
}

$certificate = [System.Security.Cryptography.X509Certificates.X509Certificate2]::new(
    [Convert]::FromBase64String($env:SIGNING_CERTIFICATE), $env:SIGNING_PASSWORD)
$files = Get-ChildItem $folder -Recurse -File | Where-Object { $_.Extension -in '.psd1', '.ps1xml' -or $_.Name -match '^Helicone(\.\w+)?\.dll$' }
foreach ($file in $files) {
    $signature = Set-AuthenticodeSignature -LiteralPath $file.FullName -Certificate $certificate -HashAlgorithm SHA256 -TimestampServer http://timestamp.digicert.com
    if ($signature.Status -ne 'Valid') {
        throw "'$($file.Name)' wasn't signed: $($signature.StatusMessage)"
    }
}

Remove-Item $package.FullName
Compress-PSResource -Path $folder -DestinationPath (Resolve-Path $Path)
Remove-Item $stage -Recurse
