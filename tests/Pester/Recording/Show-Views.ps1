<#
.SYNOPSIS
Runs commands as a person types them, one after another. Runs in the terminal that is recorded.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Uri,

    [Parameter(Mandatory)]
    [string] $CachePath
)

# Progress draws over what is there, and only as long as something takes.
$ProgressPreference = 'SilentlyContinue'
$env:XDG_CACHE_HOME = $CachePath
Import-Module (Join-Path $PSScriptRoot '../../../module/Helicone.psd1')
Connect-Helicone -ApiKey sk-helicone-q7w3e5r-t9y2u4i-o6p8a1s-d3f5g7h -GatewayUri $Uri -ApiUri $Uri -Model gpt-4o-mini

# With prices.
$null = Get-HeliconeModel -Refresh

foreach ($command in @(
        'Invoke-HeliconeChat hi'
        'Invoke-HeliconeChat break -Stream | Show-HeliconeStream'
        'Invoke-HeliconeChat tool'
        'Invoke-HeliconeChat hi | Format-Table'
        'Invoke-HeliconeChat fail'
        '$Error[0].Exception.Upstream'
        '1..20 | ForEach-Object { ''fail'' } | Invoke-HeliconeChat'
        'New-HeliconeSession "Nightly `u{202e}triage" -Id s-1'
        'Get-HeliconeSession'
        'Get-HeliconeRequest'
        'Get-HeliconeRequest | Select-Object -First 1 | Format-List'
        'Get-HeliconeUser'
        'Get-HeliconeModel'
        'Get-HeliconeConnection'
    )) {
    "PS> $command"

    # A script block without a file: errors look as they do at a prompt.
    & ([scriptblock]::Create("$command | Out-Default"))
}

'PS> '
