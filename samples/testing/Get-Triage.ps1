<#
.SYNOPSIS
Sorts log lines by severity.
#>
function Get-Triage {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, ValueFromPipeline)]
        [string] $Line
    )
    process {
        $verdict = Invoke-HeliconeChat "Classify this log line: $Line" -Model gpt-4o-mini -As @{ Severity = 'error', 'warning', 'info'; Reason = 'string' }
        [pscustomobject] @{
            Line     = $Line
            Severity = $verdict.Severity
            Page     = $verdict.Severity -eq 'error'
        }
    }
}
