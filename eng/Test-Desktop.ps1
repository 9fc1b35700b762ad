<#
.SYNOPSIS
Tests artifacts/*.nupkg on Windows PowerShell 5.1, for the test matrix of the build workflow.

.DESCRIPTION
A smoke test: install, import, answer, typed answer, tokens, log, help, remove, and import again.
Written without a Windows machine, so it has not run yet; docs/architecture.md lists what of 5.1 has been verified.
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
if ($PSVersionTable.PSEdition -ne 'Desktop') {
    throw 'Run this script in Windows PowerShell 5.1.'
}

$root = Split-Path $PSScriptRoot -Parent
$package = Get-ChildItem (Join-Path $root 'artifacts') -Filter Helicone.*.nupkg | Select-Object -First 1
$folder = Join-Path $env:TEMP "Helicone test $([guid]::NewGuid())\Helicone"
Add-Type -AssemblyName System.IO.Compression.FileSystem
[System.IO.Compression.ZipFile]::ExtractToDirectory($package.FullName, $folder)

function Assert-That([string] $what, [bool] $holds) {
    if (-not $holds) { throw "Failed: $what" }
    "ok: $what"
}

$manifest = Join-Path $folder 'Helicone.psd1'
foreach ($round in 1, 2) {
    Import-Module $manifest
    $gateway = Start-HeliconeGateway -DatabasePath (Join-Path $folder "..\gateway-$round.db")
    $gateway | Connect-Helicone
    Assert-That "answer $round" ("$(Invoke-HeliconeChat 'From the package')" -like '*From the package*')
    Assert-That "stream $round" (@(Invoke-HeliconeChat 'A stream' -Stream).Count -gt 1)
    Assert-That "typed answer $round" ((Invoke-HeliconeChat 'One word' -As @{ Word = 'string' }).PSObject.Properties.Name -contains 'Word')
    Assert-That "tokens $round" ((Measure-HeliconePrompt 'Count these tokens' -Model gpt-4o-mini).PromptTokens -gt 0)
    Assert-That "log $round" (@(Get-HeliconeRequest -Since 1h).Count -ge 2)
    $gateway | Stop-HeliconeGateway
    Remove-Module Helicone
}
Assert-That 'help' ((powershell -NoProfile -Command "Import-Module '$manifest'; (Get-Help Invoke-HeliconeChat -Full).examples.example.Count") -ge 2)
