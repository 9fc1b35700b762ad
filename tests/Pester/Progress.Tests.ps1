#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    $module = (Resolve-Path (Join-Path $PSScriptRoot '../../module/Helicone.psd1')).Path
    $server = & (Join-Path $PSScriptRoot 'Recording/HostileServer.ps1')

    # Runs a script in a runspace of its own, and returns the progress records that it wrote.
    function Get-Progress([string] $Script) {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$module'; Connect-Helicone -ApiKey sk-helicone-q7w3e5r-t9y2u4i-o6p8a1s-d3f5g7h -GatewayUri $($server.Uri) -ApiUri $($server.Uri); `$null = Get-HeliconeModel -Refresh").Invoke()
            $shell.Streams.ClearStreams()
            $shell.Commands.Clear()
            $output = $shell.AddScript($Script).Invoke()
            $shell.Streams.Error | Should -BeNullOrEmpty
            [pscustomobject] @{ Output = @($output); Records = @($shell.Streams.Progress) }
        }
        finally {
            $shell.Dispose()
        }
    }
}

AfterAll {
    $server.Stop()
}

Describe 'The progress of a run' {
    BeforeAll {
        $run = Get-Progress "1..24 | ForEach-Object { `"slow `$_`" } | Invoke-HeliconeChat -Model gpt-4o-mini -ThrottleLimit 16"
        $shown = $run.Records | Where-Object { $_.RecordType -eq 'Processing' }
    }

    It 'is of the command, and is taken away at the end' {
        $run.Output | Should -HaveCount 24
        $run.Records.Activity | Select-Object -Unique | Should -Be 'Invoke-HeliconeChat'
        $run.Records[-1].RecordType | Should -Be 'Completed'
        $run.Records[0..($run.Records.Count - 2)].RecordType | Select-Object -Unique | Should -Be 'Processing'
    }

    It 'counts what is done and what is in flight' {
        $shown.StatusDescription | ForEach-Object { $_ | Should -Match '^\d+ done, \d+ in flight' }
        $done = $shown.StatusDescription -replace ' done.*' | ForEach-Object { [int] $_ }
        $done | Should -Be ($done | Sort-Object)
        $done[-1] | Should -BeGreaterThan 0
        $most = $shown.StatusDescription -replace '.* done, (\d+) in flight.*', '$1' | ForEach-Object { [int] $_ } | Sort-Object -Bottom 1
        $most | Should -BeGreaterThan 5
        $most | Should -BeLessOrEqual 16
    }

    It 'shows the cost and the rate' {
        @($shown.StatusDescription -match '^[1-9]\d* done, \d+ in flight, \$0\.00\d\d, \d+\.\d/(s|min)') | Should -Not -BeNullOrEmpty
    }

    It 'shows how long the rest takes once the input is complete' {
        $known = @($shown | Where-Object StatusDescription -Match ' \d+:\d\d left$')
        $known | Should -Not -BeNullOrEmpty
        $known.PercentComplete | Should -Be ($known.PercentComplete | Sort-Object)
        $known | ForEach-Object { $_.SecondsRemaining | Should -BeGreaterOrEqual 0 }
        $shown | Where-Object StatusDescription -NotMatch ' left$' | ForEach-Object { $_.PercentComplete | Should -Be 0 }
    }
}

Describe 'The progress of a wait' {
    It 'shows until when a call waits for a rate limit' {
        $run = Get-Progress "Invoke-HeliconeChat wait -Model gpt-4o-mini"

        $run.Output | Should -HaveCount 1
        $run.Records.RecordType | Should -Be 'Processing', 'Completed'
        $run.Records[0].Activity | Should -Be 'Waiting for a rate limit'
        $run.Records[0].StatusDescription | Should -Match '^Rate limited \(429\)\. Waiting until .*\d.*\.$'
    }
}
