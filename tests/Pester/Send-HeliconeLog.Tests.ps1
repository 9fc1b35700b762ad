#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../module/Helicone.psd1') -Force
    $null = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db')
    Connect-Helicone -Local
}

AfterAll {
    Remove-Module Helicone
}

Describe 'Send-HeliconeLog' {
    It 'writes a chat with a model of your own, with its tokens, its times and its tags' {
        $id = Send-HeliconeLog 'Why is the sky blue?' 'Rayleigh scattering.' -Model my-llama -PromptTokens 6 -CompletionTokens 4 -Duration 1.5s -TimeToFirstToken 120ms `
            -UserId ops -Property @{ Environment = 'test' } -PassThru

        $row = Get-HeliconeRequest $id -IncludeBody
        $row.Model | Should -Be 'my-llama'
        $row.TotalTokens | Should -Be 10
        $row.Latency | Should -Be ([timespan]::FromSeconds(1.5))
        $row.TimeToFirstToken | Should -Be ([timespan]::FromMilliseconds(120))
        $row.UserId | Should -Be 'ops'
        $row.Properties.Environment | Should -Be 'test'
        $row.RequestBody | Should -BeLike '*Why is the sky blue?*'
        $row.ResponseBody | Should -BeLike '*Rayleigh scattering.*'
    }

    It 'puts <Kind> into the session of the calls around it' -ForEach @(
        @{ Kind = 'a tool'; Send = { Send-HeliconeLog -Tool weather -Request @{ city = 'Oslo' } -Response @{ degrees = 4 } -Duration 200ms -Session $session -SessionPath step }; Model = 'tool:weather'; Part = '*Oslo*' }
        @{ Kind = 'a search'; Send = { Send-HeliconeLog -VectorDatabase docs -Request @{ text = 'rotate keys'; topK = 3 } -Duration 40ms -Session $session -SessionPath step }; Model = 'vector_db:search'; Part = '*rotate keys*' }
        @{ Kind = 'data'; Send = { Send-HeliconeLog -Data tickets -Response @{ count = 12 } -Session $session -SessionPath step }; Model = 'data:tickets'; Part = '*tickets*' }
    ) {
        $session = New-HeliconeSession 'Weather' -Path /weather
        $null = Invoke-HeliconeChat 'Where am I?' -Session $session
        & $Send

        $rows = Get-HeliconeRequest -Session $session -IncludeBody
        $rows.Model | Should -Contain $Model
        $step = $rows | Where-Object Model -EQ $Model
        $step.SessionPath | Should -Be '/weather/step'
        $step.RequestBody | Should -BeLike $Part
        ($session | Get-HeliconeSession).Requests | Should -Be 2
    }

    It 'keeps when it was, and how it ended' {
        $start = [datetime]::new(2026, 1, 31, 8, 0, 0)
        $id = Send-HeliconeLog -Tool backup -StartTime $start -EndTime $start.AddMinutes(2) -Status 500 -PassThru

        $row = Get-HeliconeRequest $id
        $row.CreatedAt.LocalDateTime | Should -Be $start
        $row.Latency | Should -Be ([timespan]::FromMinutes(2))
        (Get-HeliconeRequest -Status 500 -Until '2026-02-01').RequestId | Should -Be $id
    }

    It 'is scored like any call' {
        Send-HeliconeLog 'Hi' 'Hello' -Model my-llama -PassThru | Add-HeliconeRequestScore -Score @{ accuracy = 1 } -PassThru | Get-HeliconeRequest |
            ForEach-Object { $_.Scores['accuracy'] } | Should -Be 1
    }

    It 'refuses an end before the beginning, and sends nothing' {
        $before = @(Get-HeliconeRequest).Count

        { Send-HeliconeLog -Tool late -StartTime (Get-Date) -EndTime (Get-Date).AddHours(-1) } | Should -Throw -ErrorId 'HeliconeInvalidTime,*'
        @(Get-HeliconeRequest).Count | Should -Be $before
    }
}
