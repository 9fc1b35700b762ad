#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../module/Helicone.psd1') -Force
}

AfterAll {
    Remove-Module Helicone
}

Describe 'Start-HeliconeGateway' {
    AfterEach {
        Stop-HeliconeGateway
    }

    It 'starts a gateway that answers, and stops it' {
        $gateway = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway.db')

        (Get-Process -Id $gateway.ProcessId).HasExited | Should -BeFalse
        Connect-Helicone -ApiKey $gateway.ApiKey -GatewayUri $gateway.Uri -ApiUri $gateway.Uri
        Test-HeliconeConnection | Should -BeTrue

        $gateway | Stop-HeliconeGateway
        Get-Process -Id $gateway.ProcessId -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        Test-HeliconeConnection | Should -BeFalse
    }

    It 'points other programs at it with -SetEnvironment, until it is stopped' {
        $before = $env:OPENAI_BASE_URL
        $gateway = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway.db') -SetEnvironment

        $answer = Invoke-RestMethod "$env:OPENAI_BASE_URL/chat/completions" -Method Post -ContentType application/json -Headers @{ Authorization = "Bearer $env:OPENAI_API_KEY" } `
            -Body (@{ model = 'gpt-4o-mini'; messages = @(@{ role = 'user'; content = 'Hello' }) } | ConvertTo-Json -Depth 5)

        $answer.choices[0].message.content | Should -BeLike '`[offline`]*'
        $gateway | Stop-HeliconeGateway
        $env:OPENAI_BASE_URL | Should -Be $before
    }

    It 'says so when the port is taken' {
        $gateway = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway.db')

        { Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'other.db') -Port $gateway.Uri.Port } | Should -Throw -ErrorId 'HeliconeGatewayFailed,*'
    }

    It 'starts nothing with -WhatIf' {
        Start-HeliconeGateway -WhatIf

        Get-HeliconeGateway | Should -BeNullOrEmpty
    }
}
