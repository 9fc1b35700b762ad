#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    . (Join-Path $PSScriptRoot 'Get-Triage.ps1')
    $recording = Join-Path $PSScriptRoot 'triage.jsonl'
    if ($env:RECORD) {
        # Once, and whenever a prompt has changed: asks the model, and keeps what it answers.
        Remove-Item $recording -ErrorAction Ignore
        Connect-Helicone -Record $recording
    }
    else {
        Connect-Helicone -Replay $recording
    }
}

AfterAll {
    Disconnect-Helicone
}

Describe 'Get-Triage' {
    It 'pages someone about <Line>' -ForEach @(
        @{ Line = 'disk full on db-2'; Severity = 'error' }
        @{ Line = 'certificate of web-1 expires in 20 days'; Severity = 'warning' }
        @{ Line = 'backup of db-2 finished'; Severity = 'info' }
    ) {
        $triage = $Line | Get-Triage

        $triage.Severity | Should -Be $Severity
        $triage.Page | Should -Be ($Severity -eq 'error')
    }
}

Describe 'Get-Triage at a bad time' {
    BeforeAll {
        Connect-Helicone -Offline -MaxRetry 0 -Scenario @{ failure = @{ status = 503; message = 'Overloaded.' } }
    }

    It 'reports that the model does not answer' {
        { 'disk full on db-2' | Get-Triage -ErrorAction Stop } | Should -Throw -ErrorId 'HeliconeUpstreamFailed*'
    }
}
