#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    $script:manifest = Join-Path $PSScriptRoot '../../module/Helicone.psd1'
    Import-Module $manifest -Force
    $script:before = $env:HELICONE_API_KEY
    $env:HELICONE_API_KEY = 'sk-helicone-q7w3e5r-t9y2u4i-o6p8a1s-d3f5g7h'
    $script:gateway = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway.db')
    Connect-Helicone -Local
}

AfterAll {
    $env:HELICONE_API_KEY = $script:before
    $gateway | Stop-HeliconeGateway
    Remove-Module Helicone
}

Describe 'Connections in other runspaces' {
    It 'are passed to ForEach-Object -Parallel' {
        $c = Get-HeliconeConnection
        $module = $manifest

        $answers = 1..4 | ForEach-Object -ThrottleLimit 4 -Parallel {
            Import-Module $using:module
            Invoke-HeliconeChat "Number $_" -Connection $using:c
        }

        $answers | Should -HaveCount 4
        "$($answers[0])" | Should -BeLike '`[offline`]*'
        (Get-HeliconeRequest -First 4).Count | Should -Be 4
    }

    It 'are passed to a thread job' {
        $c = Get-HeliconeConnection
        $module = $manifest

        $answer = Start-ThreadJob {
            Import-Module $using:module
            Invoke-HeliconeChat 'Hello' -Connection $using:c
        } | Receive-Job -Wait -AutoRemoveJob

        "$answer" | Should -BeLike '`[offline`]*'
    }

    It 'are not made to the cloud while the session is on a local gateway, in <Where>' -ForEach @(
        @{ Where = 'a thread job'; Start = { param($module) Start-ThreadJob { Import-Module $using:module; Invoke-HeliconeChat 'Hello' } | Receive-Job -Wait -AutoRemoveJob } }
        @{ Where = 'ForEach-Object -Parallel'; Start = { param($module) 1..2 | ForEach-Object -Parallel { Import-Module $using:module; Invoke-HeliconeChat 'Hello' } } }
        @{ Where = 'a job'; Start = { param($module) Start-Job { Import-Module $using:module; Invoke-HeliconeChat 'Hello' } | Receive-Job -Wait -AutoRemoveJob } }
    ) {
        $output = & $Start $manifest 2>&1

        $output | Should -Not -BeNullOrEmpty
        foreach ($problem in $output) {
            $problem.FullyQualifiedErrorId | Should -BeLike 'HeliconeNotConnected*'
            "$problem" | Should -BeLike '*A connection belongs to the runspace that created it*local gateway*'
            $problem.ErrorDetails.RecommendedAction | Should -BeLike '*-Connection $using:c*'
        }
    }

    It 'complete models before the first call' {
        (TabExpansion2 'Invoke-HeliconeChat x -Model gpt-4o-m' -cursorColumn 37).CompletionMatches.CompletionText | Should -Contain 'gpt-4o-mini'
    }
}
