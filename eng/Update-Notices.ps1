<#
.SYNOPSIS
Writes THIRD-PARTY-NOTICES.txt: the packages whose files ship in the module, with their licenses.

.DESCRIPTION
Reads which packages the last restore of the shipping projects resolved (obj/project.assets.json), keeps those that have a file in module/bin,
and takes names, versions, copyrights, and licenses from the packages. Run it after a build when a package version has changed:
'./build.ps1 -Task Notices'. A license that this script doesn't have the text of is an error.

.PARAMETER Path
The file to write.
#>
[CmdletBinding()]
param(
    [string] $Path
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot -Parent
if (-not $Path) {
    $Path = Join-Path $root 'THIRD-PARTY-NOTICES.txt'
}

$bin = Join-Path $root 'module/bin'
$shipped = Get-ChildItem $bin -Recurse -File | Where-Object Extension -In '.dll', '.so', '.dylib' | ForEach-Object Name | Sort-Object -Unique
$unclaimed = [System.Collections.Generic.HashSet[string]] [string[]] ($shipped | Where-Object { $_ -notmatch '^Helicone(\.\w+)?\.dll$' })
$packages = @{}
foreach ($project in 'Helicone.Core', 'Helicone.Offline', 'Helicone.Mcp', 'Helicone.LocalGateway') {
    $file = Join-Path $root "src/$project/obj/project.assets.json"
    if (-not (Test-Path $file)) { continue }
    $assets = Get-Content $file -Raw | ConvertFrom-Json -AsHashtable
    $folders = @($assets.packageFolders.Keys)
    foreach ($target in $assets.targets.Values) {
        foreach ($name in $target.Keys) {
            $library = $target[$name]
            if ($library.type -ne 'package') { continue }
            $files = @($library['runtime'].Keys) + @($library['runtimeTargets'].Keys) | Where-Object { $_ } | ForEach-Object { Split-Path $_ -Leaf } | Where-Object { $_ -in $shipped }
            if (-not $files) { continue }
            $files | ForEach-Object { $null = $unclaimed.Remove($_) }
            $packages[$name] = @{
                Files = @(@($packages[$name].Files) + $files | Where-Object { $_ } | Sort-Object -Unique)
                Folder = $folders | ForEach-Object { Join-Path $_ $name.ToLowerInvariant() } | Where-Object { Test-Path $_ } | Select-Object -First 1
            }
        }
    }
}

if ($unclaimed.Count -gt 0) {
    throw "No package claims these files of module/bin: $($unclaimed -join ', ')."
}

$texts = Join-Path $PSScriptRoot 'licenses'
$licenses = @(Get-ChildItem $texts -Filter *.txt | ForEach-Object BaseName)
$lines = [System.Collections.Generic.List[string]]::new()
$lines.Add('THIRD-PARTY NOTICES')
$lines.Add('')
$lines.Add('Helicone for PowerShell ships files of the packages below. Each entry names the package, its license, its copyright, where it comes from, and the')
$lines.Add('files of it that ship. The texts of the licenses follow, then the notices that packages bring for code that they include.')
$lines.Add('')
$notices = [ordered] @{}
foreach ($name in $packages.Keys | Sort-Object) {
    $package = $packages[$name]
    $nuspec = ([xml] (Get-Content (Get-ChildItem $package.Folder -Filter *.nuspec).FullName -Raw)).package.metadata
    $license = $nuspec.license.InnerText
    if ($license -notin $licenses) {
        throw "The package '$name' has the license '$license', and eng/licenses has no text for it."
    }

    $own = Get-ChildItem $package.Folder -File | Where-Object Name -Match '^LICENSE(\.\w+)?$' | Select-Object -First 1
    $line = if ($own) { Select-String -Path $own.FullName -Pattern '^\s*Copyright .*' | Select-Object -First 1 | ForEach-Object { $_.Line.Trim() } }
    $copyright = if ($line) { $line } elseif ($nuspec.copyright) { $nuspec.copyright } else { "Copyright (c) $($nuspec.authors)" }
    $url = if ($nuspec.repository.url) { $nuspec.repository.url } else { $nuspec.projectUrl }
    $lines.Add($name.Replace('/', ' '))
    $lines.Add("    License:   $license")
    $lines.Add("    Copyright: $copyright")
    $lines.Add("    Source:    $url")
    $lines.Add("    Files:     $($package.Files -join ', ')")
    $lines.Add('')
    foreach ($notice in Get-ChildItem $package.Folder -File | Where-Object Name -Match '^THIRD-PARTY-NOTICES') {
        # The packages of .NET carry one file for all of .NET; the newest includes what the older ones have.
        $family = if ($name -match '^Microsoft\.ML') { 'ML.NET' } else { '.NET' }
        if (-not $notices.Contains($family) -or $notice.Length -gt $notices[$family].Length) {
            $notices[$family] = $notice
        }
    }
}

$lines.Add('SQLite, in e_sqlite3 of SQLitePCLRaw.lib.e_sqlite3')
$lines.Add('    License:   public domain')
$lines.Add('    Source:    https://sqlite.org/copyright.html')
$lines.Add('')
$lines.Add('The model registry, embedded in Helicone.Core.dll and Helicone.LocalGateway.dll as models.json')
$lines.Add('    License:   Apache-2.0')
$lines.Add('    Copyright: Helicone, Inc.')
$lines.Add('    Source:    https://github.com/Helicone/helicone')
$lines.Add('')
$rule = '-' * 80
foreach ($license in $licenses | Sort-Object) {
    $lines.Add($rule)
    $lines.Add($license)
    $lines.Add($rule)
    (Get-Content (Join-Path $texts "$license.txt")) | ForEach-Object { $lines.Add($_) }
    $lines.Add('')
}

foreach ($family in $notices.Keys) {
    $lines.Add($rule)
    $lines.Add("Third-party notices of the $family packages")
    $lines.Add($rule)
    (Get-Content $notices[$family].FullName) | ForEach-Object { $lines.Add($_.TrimEnd()) }
    $lines.Add('')
}

[System.IO.File]::WriteAllText($Path, ($lines -join "`n").TrimEnd() + "`n")
Write-Verbose "$($packages.Count) packages, $($shipped.Count) files."
