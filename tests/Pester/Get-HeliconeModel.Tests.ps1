#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../module/Helicone.psd1') -Force
    $null = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db')
    Connect-Helicone -Local
}

AfterAll {
    Remove-Module Helicone
}

Describe 'Get-HeliconeModel' {
    It 'finds models by wildcard, with their prices' {
        $models = Get-HeliconeModel gpt-4o*

        $models.Id | Should -Contain 'gpt-4o-mini'
        ($models | Where-Object Id -EQ 'gpt-4o-mini').PromptPrice | Should -BeGreaterThan 0
        Get-HeliconeModel -MaxPromptPrice 0.1 | Where-Object PromptPrice -GT 0.1 | Should -BeNullOrEmpty
    }

    It 'completes the models of -Model from what it has' {
        $null = Get-HeliconeModel
        $line = 'Invoke-HeliconeChat x -Model gpt-4o-m'

        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Contain 'gpt-4o-mini'
    }

    It 'raises a model that is not there' {
        { Get-HeliconeModel no-such-model -ErrorAction Stop } | Should -Throw -ErrorId 'HeliconeModelNotFound,*'
    }
}
