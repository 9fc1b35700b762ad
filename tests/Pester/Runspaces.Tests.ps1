#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# Jobs, runspaces and completion, which the hosted engine of the xunit tests lacks or only imitates.

BeforeAll {
    $script:module = (Resolve-Path (Join-Path $PSScriptRoot '../../module/Helicone.psd1')).Path
    Import-Module $module -Force
    $null = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db') -SetEnvironment
    Connect-Helicone -Local
}

AfterAll {
    Stop-HeliconeGateway
    Remove-Module Helicone
}

Describe 'Jobs and runspaces' {
    It 'answers in a job, which is a process' {
        $answer = Start-Job { Import-Module $using:module; Invoke-HeliconeChat 'From a job' } | Receive-Job -Wait -AutoRemoveJob

        $answer.Content | Should -BeLike '`[offline`]*From a job*'
    }

    It 'answers in a thread job' {
        $answer = Start-ThreadJob { Import-Module $using:module; Invoke-HeliconeChat 'From a thread' } | Receive-Job -Wait -AutoRemoveJob

        "$answer" | Should -BeLike '`[offline`]*From a thread*'
    }

    It 'answers in ForEach-Object -Parallel' {
        $answers = 1..4 | ForEach-Object -Parallel { Import-Module $using:module; Invoke-HeliconeChat "Number $_" } -ThrottleLimit 4

        $answers.Input | Sort-Object | Should -Be 'Number 1', 'Number 2', 'Number 3', 'Number 4'
    }

    It 'can be removed and imported again' {
        $answers = Start-ThreadJob {
            foreach ($prompt in 'Once', 'Again') {
                Import-Module $using:module
                "$(Invoke-HeliconeChat $prompt)"
                Remove-Module Helicone
            }
        } | Receive-Job -Wait -AutoRemoveJob

        $answers[0] | Should -BeLike '`[offline`]*Once*'
        $answers[1] | Should -BeLike '`[offline`]*Again*'
    }

    It 'ends soon when a job is stopped' {
        $job = Start-ThreadJob { Import-Module $using:module; 1..10000 | ForEach-Object { "Word $_" } | Invoke-HeliconeChat -ThrottleLimit 2 }
        while (-not $job.HasMoreData -and $job.State -in 'NotStarted', 'Running') { Start-Sleep -Milliseconds 20 }
        $job | Stop-Job

        $job.State | Should -Be 'Stopped'
        @($job.ChildJobs.Output).Count + @($job.Output).Count | Should -BeLessThan 10000
        $job | Remove-Job
    }
}

Describe 'Completion' {
    It 'completes <Text> to <Expected>' -ForEach @(
        @{ Text = 'Invoke-HeliconeChat Hi -Model gpt-4o-m'; Expected = 'gpt-4o-mini' }
        @{ Text = 'Get-HeliconeModel gpt-4o-m'; Expected = 'gpt-4o-mini' }
        @{ Text = 'Invoke-HeliconeChat Hi -ExcludeProvider azu'; Expected = 'azure' }
        @{ Text = 'Connect-Helicone -Region '; Expected = 'EU' }
        @{ Text = 'Invoke-HeliconeChat Hi -Journal ./x -Resume '; Expected = 'Retry' }
        @{ Text = 'Connect-Helicone -NoP'; Expected = '-NoProxy' }
    ) {
        $null = Get-HeliconeModel gpt-4o-mini

        (TabExpansion2 $Text).CompletionMatches.CompletionText | Should -Contain $Expected
    }
}

Describe 'Formatting' {
    It 'shows models as a table with their headers at <Width> columns' -ForEach @(@{ Width = 80 }, @{ Width = 120 }, @{ Width = 200 }) {
        $lines = (Get-HeliconeModel gpt-4o-mini | Out-String -Width $Width).Trim() -split '\r?\n'

        $lines[0] | Should -Match '^Id\s+Author\s+Context\s'
        $lines[-1] | Should -Match '^gpt-4o-mini\s+openai\s+128,000\s'
        $lines | ForEach-Object { $_.TrimEnd().Length | Should -BeLessOrEqual $Width }
    }

    It 'shows an object of every kind without an error' {
        $answer = Invoke-HeliconeChat 'Hi' -Session (New-HeliconeSession 'Nightly triage') -UserId ops
        $objects = $answer, (Get-HeliconeRequest $answer), (Get-HeliconeSession -Since 1h), (Get-HeliconeUser -Since 1h), (Get-HeliconeConnection), (Get-HeliconeGateway)
        foreach ($item in $objects) {
            $item | Should -Not -BeNullOrEmpty
            ($item | Out-String).Trim() | Should -Not -BeNullOrEmpty
            ($item | Format-List * | Out-String).Trim() | Should -Not -BeNullOrEmpty
            ($item | Format-Wide | Out-String).Trim() | Should -Not -BeNullOrEmpty
        }
    }
}
