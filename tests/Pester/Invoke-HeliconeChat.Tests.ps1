#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../module/Helicone.psd1') -Force
    $null = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db')
    Connect-Helicone -Local
}

AfterAll {
    Remove-Module Helicone
}

Describe 'Invoke-HeliconeChat' {
    It 'answers a prompt with an object whose text is the answer' {
        $answer = Invoke-HeliconeChat 'Why is the sky blue?'

        "$answer" | Should -BeLike '`[offline`]*sky*'
        $answer.Provider | Should -Be 'offline'
        $answer.Usage.TotalTokens | Should -BeGreaterThan 0
        $answer.FinishReason | Should -Be 'stop'
        $answer.Input | Should -Be 'Why is the sky blue?'
    }

    It 'makes one call of each piped text, in their order' {
        $answers = 'apple', 'bread', 'cheese' | Invoke-HeliconeChat -System 'Translate to French'

        $answers.Input | Should -Be 'apple', 'bread', 'cheese'
        $answers.RequestId | Select-Object -Unique | Should -HaveCount 3
    }

    It 'asks one question about all of the input' {
        $answer = 1..3 | ForEach-Object { [pscustomobject]@{ Name = "web-$_"; Load = $_ / 2 } } | Invoke-HeliconeChat 'Which is busiest?'

        @($answer) | Should -HaveCount 1
        $answer.Conversation.Messages[-2].Content | Should -Be "Which is busiest?`n`n{`"Name`":`"web-1`",`"Load`":0.5}`n{`"Name`":`"web-2`",`"Load`":1}`n{`"Name`":`"web-3`",`"Load`":1.5}"
    }

    It 'goes down the chain when the first provider is not there' {
        $answer = ihc 'Are you there?' -Model gpt-4o/azure -Fallback gpt-4o-mini

        $answer.RequestedModel | Should -Be 'gpt-4o/azure,gpt-4o-mini'
        $answer.Model | Should -Be 'gpt-4o-mini'
    }

    It 'raises an unknown model as an error that says what to type next' {
        $answer = Invoke-HeliconeChat 'x' -Model no-such-model -ErrorAction SilentlyContinue -ErrorVariable problem

        $answer | Should -BeNullOrEmpty
        $problem | Should -HaveCount 1
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'HeliconeModelNotFound,*'
        $problem[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $problem[0].ErrorDetails.RecommendedAction | Should -BeLike '*Get-HeliconeModel*'
    }

    It 'refuses a rate limit that Helicone would ignore' {
        { Invoke-HeliconeChat 'x' -RateLimitPolicy 'basic-100' } | Should -Throw -ErrorId 'HeliconeInvalidRateLimitPolicy,*'
        { Invoke-HeliconeChat 'x' -RateLimitPolicy '100;w=60;s=user' } | Should -Throw -ErrorId 'HeliconeInvalidRateLimitPolicy,*'
    }

    It 'is formatted as asked' {
        $answer = Invoke-HeliconeChat 'Hello'

        $answer | Format-Table Input, Provider, Cost | Out-String | Should -Match 'Input\s+Provider\s+Cost'
        $answer | Format-List * | Out-String | Should -Match 'TimeToFirstToken\s+:'
    }

    It 'is its text alone where it is written as text' {
        $answer = Invoke-HeliconeChat 'Hello'

        ($answer | Out-String -Width 300).Trim() | Should -Be "$answer"
        "$answer" | Should -BeLike '`[offline`]*'
    }
}
