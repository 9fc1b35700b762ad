#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

Describe 'A budget, rehearsed on the local gateway' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot '../../module/Helicone.psd1') -Force
        $configuration = Join-Path $TestDrive 'gateway.json'
        '{ "offline": { "prices": true } }' | Set-Content $configuration
        $gateway = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db') -ConfigPath $configuration
        $gateway | Connect-Helicone -Model gpt-4o-mini
    }

    AfterAll {
        Disconnect-Helicone
        Stop-HeliconeGateway
    }

    It 'holds for a run of many calls, by what the gateway has charged' {
        $answers = [Collections.Generic.List[object]]::new()
        { 1..1000 | Invoke-HeliconeChat -MaxTokens 100 -MaxCost 0.002 -ThrottleLimit 32 | ForEach-Object { $answers.Add($_) } } |
            Should -Throw -ErrorId 'HeliconeBudgetExceeded*'

        $spent = ($answers | Measure-Object Cost -Sum).Sum
        $spent | Should -BeGreaterThan 0.0015
        $spent | Should -BeLessOrEqual 0.002
        $logged = @(Get-HeliconeRequest -Since 1h)
        $logged.Count | Should -Be $answers.Count
        ($logged | Measure-Object Cost -Sum).Sum | Should -BeLessOrEqual 0.002
    }

    It 'continues with what a journal holds' {
        $journal = Join-Path $TestDrive 'run.jsonl'
        $first = [Collections.Generic.List[object]]::new()
        { 1..20 | Invoke-HeliconeChat 'Say' -ForEach -MaxTokens 50 -MaxCost 0.0003 -ThrottleLimit 4 -Journal $journal | ForEach-Object { $first.Add($_) } } |
            Should -Throw -ErrorId 'HeliconeBudgetExceeded*'
        $before = @(Get-HeliconeRequest -Since 1h).Count
        $second = @(1..20 | Invoke-HeliconeChat 'Say' -ForEach -MaxTokens 50 -MaxCost 1 -ThrottleLimit 4 -Journal $journal)

        $first.Count | Should -BeLessThan 20
        $second.Count | Should -Be 20

        # The first item of a run asks once more whether the offline stand-in still answers.
        (@(Get-HeliconeRequest -Since 1h).Count - $before) | Should -Be (20 - $first.Count + 1)
    }

    It 'describes a call with -WhatIf, and the log stays as it is' {
        $before = @(Get-HeliconeRequest -Since 1h).Count

        Invoke-HeliconeChat 'Why is the sky blue?' -MaxTokens 100 -WhatIf | Should -BeNullOrEmpty

        @(Get-HeliconeRequest -Since 1h).Count | Should -Be $before
    }

    It 'measures a prompt for several models' {
        $measured = @(Measure-HeliconePrompt 'Why is the sky blue?' -Model gpt-4o, gpt-4o-mini -MaxTokens 100)

        $measured.Model | Should -Be 'gpt-4o', 'gpt-4o-mini'
        $measured[0].HighestCost | Should -BeGreaterThan $measured[1].HighestCost
        $measured[0].PromptTokens | Should -Be $measured[1].PromptTokens
    }

    It 'loads the tokenizer only when tokens are counted' {
        $script = "Import-Module '$PSScriptRoot/../../module/Helicone.psd1'; Connect-Helicone -Gateway (Start-HeliconeGateway -DatabasePath '$TestDrive/gateway/gateway.db' -ConfigPath '$configuration'); `$n = { [AppDomain]::CurrentDomain.GetAssemblies().Where({ `$_.GetName().Name -match 'Tokenizers|JsonSchema' }).Count }; `$null = Invoke-HeliconeChat 'x' -Model gpt-4o-mini; & `$n; `$null = Measure-HeliconePrompt 'x' -Model gpt-4o-mini; & `$n"
        $counts = pwsh -NoProfile -NonInteractive -Command $script

        $counts[0] | Should -Be '0'
        [int]$counts[1] | Should -BeGreaterThan 0
    }
}
