#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../module/Helicone.psd1') -Force
    $null = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db')
    Connect-Helicone -Local

    $script:session = New-HeliconeSession 'Nightly triage' -Path /triage
    $script:answers = 'disk full', 'link down' |
        Invoke-HeliconeChat -System 'Urgent?' -Session $session -SessionPath /sort -UserId svc-nightly -Property @{ Environment = 'production'; Ticket = 'T-1' }
    $script:other = Invoke-HeliconeChat 'Hello' -Model claude-4.5-sonnet -Property @{ Environment = 'test' }
    Invoke-HeliconeChat 'Hello' -Model no-such-model -ErrorAction SilentlyContinue
}

AfterAll {
    Remove-Module Helicone
}

Describe 'Get-HeliconeRequest' {
    It 'finds calls by <What>' -ForEach @(
        @{ What = 'the session'; Find = { Get-HeliconeRequest -Session $session } }
        @{ What = 'the id of the session'; Find = { Get-HeliconeRequest -Session $session.Id } }
        @{ What = 'the user, with a wildcard'; Find = { Get-HeliconeRequest -UserId svc-* } }
        @{ What = 'properties, with a wildcard'; Find = { Get-HeliconeRequest -Property @{ Environment = 'prod*'; Ticket = 'T-1' } } }
        @{ What = 'time, model and status'; Find = { Get-HeliconeRequest -Since 1h -Model gpt-4o* -Status 200 } }
        @{ What = 'the answers'; Find = { $answers | Get-HeliconeRequest } }
        @{ What = 'the session in the pipeline'; Find = { Get-HeliconeSession -Name Nightly* | Get-HeliconeRequest } }
        @{ What = 'the new session in the pipeline'; Find = { $session | Get-HeliconeRequest } }
        @{ What = 'the session of the log'; Find = { Get-HeliconeRequest -Session (Get-HeliconeSession -Name Nightly*) } }
        @{ What = 'copies of the session in the pipeline'; Find = { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize((Get-HeliconeSession -Name Nightly*))) | Get-HeliconeRequest } }
    ) {
        (& $Find).RequestId | Sort-Object | Should -Be ($answers.RequestId | Sort-Object)
    }

    It 'gives rows that are grouped, counted and sorted as any objects' {
        $rows = Get-HeliconeRequest

        ($rows | Group-Object Model -NoElement | Sort-Object Name).Name | Should -Be 'claude-4.5-sonnet', 'gpt-4o-mini', 'no-such-model'
        ($rows | Group-Object { $_.Properties.Environment } | Where-Object Name -EQ 'production').Count | Should -Be 2
        ($rows | Measure-Object TotalTokens -Sum).Sum | Should -Be ($answers + $other | ForEach-Object { $_.Usage.TotalTokens } | Measure-Object -Sum).Sum
        $rows | Where-Object { $_.CreatedAt -lt (Get-Date).AddHours(-1) -or $_.Latency.TotalSeconds -gt 60 } | Should -BeNullOrEmpty
        ($rows | Where-Object Status -NE 200).Model | Should -Be 'no-such-model'
    }

    It 'gives the youngest first, and no more than are wanted' {
        (Get-HeliconeRequest -First 1).Model | Should -Be 'no-such-model'
        (Get-HeliconeRequest | Select-Object -First 2).Model | Should -Be 'no-such-model', 'claude-4.5-sonnet'
    }

    It 'brings the conversation with -IncludeBody' {
        $row = $answers[0] | Get-HeliconeRequest -IncludeBody

        ($row.RequestBody | ConvertFrom-Json).messages.content | Should -Be 'Urgent?', 'disk full'
        ($row.ResponseBody | ConvertFrom-Json).choices[0].message.content | Should -Be "$($answers[0])"
        ($answers[0] | Get-HeliconeRequest).RequestBody | Should -BeNullOrEmpty
    }

    It 'has what was said of a call afterwards' {
        $answers[0] | Set-HeliconeRequestFeedback -Rating Positive
        $answers[0] | Add-HeliconeRequestScore -Score @{ accuracy = 0.9; helpful = $true }
        $answers | Set-HeliconeRequestProperty -Property @{ Reviewed = 'yes' }

        $row = $answers[0] | Get-HeliconeRequest
        $row.Feedback | Should -BeTrue
        $row.Scores['accuracy'] | Should -Be 0.9
        $row.Scores['helpful'] | Should -Be 1
        @(Get-HeliconeRequest -Property @{ Reviewed = 'yes' }) | Should -HaveCount 2
    }

    It 'is added up by session and by user' {
        $sum = $session | Get-HeliconeSession
        $sum.Name | Should -Be 'Nightly triage'
        $sum.Requests | Should -Be 2
        $sum.TotalTokens | Should -Be ($answers.Usage.TotalTokens | Measure-Object -Sum).Sum

        $user = Get-HeliconeUser
        $user.UserId | Should -Be 'svc-nightly'
        $user.Requests | Should -Be 2
    }

    It 'is a table with a line for each call, as wide as a terminal' {
        $lines = (Get-HeliconeRequest -Session $session | Out-String -Width 79).Trim() -split '\r?\n'

        $lines | Should -HaveCount 4
        $lines[0] | Should -Match '^Created +Model +Status +Tokens +Cost +Latency +Cache *$'
        $lines[-1] | Should -Match '^\d\d-\d\d \d\d:\d\d:\d\d gpt-4o-mini +200 +\d+ +\$0 +[\d.]+ m?s None *$'
    }

    It 'refuses a time that could be days or seconds' {
        { Get-HeliconeRequest -Since 5 } | Should -Throw "*'5' is not a time. Write 7d or 90m*"
    }

    It 'says of an id that is not there where to look' {
        $problem = { Get-HeliconeRequest 00000000-0000-4000-8000-000000000009 -ErrorAction Stop } | Should -Throw -ErrorId 'HeliconeRequestNotFound,*' -PassThru

        $problem.ErrorDetails.RecommendedAction | Should -BeLike '*Get-HeliconeRequest -Since*'
    }

    It 'refuses <What> as an id, and names -Session' -ForEach @(
        @{ What = 'a session'; Give = { $session } }
        @{ What = 'a session of the log'; Give = { Get-HeliconeSession -Name Nightly* } }
        @{ What = 'sessions'; Give = { $session, (New-HeliconeSession) } }
        @{ What = 'a copy of a session'; Give = { [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($session)) } }
    ) {
        $value = & $Give

        $byPosition = { Get-HeliconeRequest $value } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*' -PassThru
        $byName = { Get-HeliconeRequest -Id $value } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*' -PassThru

        "$byPosition" | Should -BeLike "*is a session, not a request. To get the requests of a session, use Get-HeliconeRequest -Session*"
        "$byName" | Should -Be "$byPosition"
    }

    It 'refuses as an id what has none' {
        { Get-HeliconeRequest (Get-Date) } | Should -Throw "*A value of type DateTime doesn't identify a request.*"
        { Get-HeliconeRequest @{ Name = 'x' } } | Should -Throw "*A value of type Hashtable doesn't identify a request.*"
    }

    It 'changes nothing with -WhatIf' {
        $other | Set-HeliconeRequestProperty -Property @{ Touched = 'yes' } -WhatIf
        $other | Set-HeliconeRequestFeedback -Rating Negative -WhatIf
        $other | Add-HeliconeRequestScore -Score @{ accuracy = 0 } -WhatIf

        $row = $other | Get-HeliconeRequest
        $row.Properties.Keys | Should -Be 'Environment'
        $row.Feedback | Should -BeNullOrEmpty
        $row.Scores.Count | Should -Be 0
    }
}
