<#
.SYNOPSIS
Runs the xunit tests with coverage, and prints the line and branch coverage of each source project.

.DESCRIPTION
A line counts as covered when any test project covers it. The cmdlets are covered by the hosted tests; what only the Pester tests cover, in other
processes, isn't counted. Coverage is a separate task because it makes the tests slower.

.PARAMETER Project
The test projects to run. By default, all xunit projects.
#>
[CmdletBinding()]
param(
    [string[]] $Project = ('Helicone.Core.Tests', 'Helicone.Tests', 'Helicone.LocalGateway.Tests', 'Helicone.Mcp.Tests')
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot -Parent
$results = Join-Path ([System.IO.Path]::GetTempPath()) "helicone-coverage-$([guid]::NewGuid())"
foreach ($name in $Project) {
    # Not a deterministic build: the collector looks for the source files.
    dotnet test (Join-Path $root "tests/$name") -p:ContinuousIntegrationBuild=false --results-directory $results --collect 'XPlat Code Coverage' -- DataCollectionRunSettings.DataCollectors.DataCollector.Configuration.Include='[Helicone*]*' DataCollectionRunSettings.DataCollectors.DataCollector.Configuration.Exclude='[*Tests]*,[*TestServer]*'
    if ($LASTEXITCODE -ne 0) {
        throw "'$name' has failing tests."
    }
}

# A line of a file is covered when one of the reports has a hit.
$lines = @{}
foreach ($report in Get-ChildItem $results -Recurse -Filter coverage.cobertura.xml) {
    foreach ($package in ([xml] (Get-Content $report -Raw)).coverage.packages.package) {
        if (-not $lines.ContainsKey($package.name)) { $lines[$package.name] = @{} }
        foreach ($class in $package.classes.class) {
            foreach ($line in $class.lines.line) {
                $key = "$($class.filename):$($line.number)"
                $lines[$package.name][$key] = $lines[$package.name][$key] -or [int64] $line.hits -gt 0
            }
        }
    }
}

Remove-Item $results -Recurse
foreach ($name in $lines.Keys | Sort-Object) {
    $all = $lines[$name].Count
    $covered = @($lines[$name].Values | Where-Object { $_ }).Count
    [pscustomobject] @{ Project = $name; Lines = $all; Covered = $covered; Coverage = if ($all) { '{0:n1} %' -f (100 * $covered / $all) } }
}
