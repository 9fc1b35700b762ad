<#
.SYNOPSIS
Discovers or runs Pester tests and writes what it found as JSON, for the xunit project next to this script.

.DESCRIPTION
Pester visits the tests of a file in the same order in every run, so a test is identified by its file and its position.

.PARAMETER Path
The test files, or the folder that contains them.

.PARAMETER Pester
The manifest of the Pester module.

.PARAMETER ResultPath
The file to write.

.PARAMETER DiscoverOnly
Lists the tests without running them.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Path,

    [Parameter(Mandatory)]
    [string] $Pester,

    [Parameter(Mandatory)]
    [string] $ResultPath,

    [switch] $DiscoverOnly
)

$ErrorActionPreference = 'Stop'
Import-Module $Pester

$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Run.SkipRun = [bool] $DiscoverOnly
$configuration.Output.Verbosity = if ($DiscoverOnly) { 'None' } else { 'Detailed' }
$configuration.Output.RenderMode = 'Plaintext'
# Names each block and test before it runs. If one hangs, the last of these messages names it.
$configuration.Debug.WriteDebugMessages = -not $DiscoverOnly
$configuration.Debug.WriteDebugMessagesFrom = 'Runtime'

# The tests inherit the preference, and have the one of a new session.
$ErrorActionPreference = 'Continue'
$run = Invoke-Pester -Configuration $configuration
$ErrorActionPreference = 'Stop'

# Pester expands <Name> in the name of a test only when the test runs.
function Expand-Name($item) {
    [regex]::Replace($item.Name, '<(\w+)>', {
            param($match)
            for ($scope = $item; $scope; $scope = if ($scope.PSObject.Properties['Block']) { $scope.Block } else { $scope.Parent }) {
                if ($scope.Data -is [System.Collections.IDictionary] -and $scope.Data.Contains($match.Groups[1].Value)) {
                    return "$($scope.Data[$match.Groups[1].Value])"
                }
            }
            $match.Value
        })
}

function Get-FullName($test) {
    $names = @(Expand-Name $test)
    for ($block = $test.Block; $block -and -not $block.IsRoot; $block = $block.Parent) {
        $names = @(Expand-Name $block) + $names
    }
    $names -join ' / '
}

# The test's own errors, then those of the BeforeAll and AfterAll around it.
function Get-Problem($item) {
    for ($scope = $item; $scope; $scope = if ($scope.PSObject.Properties['Block']) { $scope.Block } else { $scope.Parent }) {
        foreach ($problem in $scope.ErrorRecord) {
            "$(if ($problem.DisplayErrorMessage) { $problem.DisplayErrorMessage } else { $problem })`n$(if ($problem.DisplayStackTrace) { $problem.DisplayStackTrace } else { $problem.ScriptStackTrace })"
        }
    }
}

$files = foreach ($container in $run.Containers) {
    $tests = @($run.Tests | Where-Object { $_.Block.Root.BlockContainer.Item.FullName -eq $container.Item.FullName })
    [ordered] @{
        File = $container.Item.Name
        Tests = @(foreach ($test in $tests) {
                [ordered] @{ Name = Get-FullName $test; Result = "$($test.Result)"; Problem = @(Get-Problem $test) -join "`n" }
            })
        Problem = @(
            foreach ($problem in $container.ErrorRecord) { "$problem`n$($problem.ScriptStackTrace)" }
            foreach ($block in $run.FailedBlocks) { if ($block.Root.BlockContainer -eq $container) { Get-Problem $block } }
        ) -join "`n"
    }
}

ConvertTo-Json @($files) -Depth 5 | Set-Content -LiteralPath $ResultPath -Encoding utf8NoBOM
