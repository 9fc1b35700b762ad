#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    $module = (Resolve-Path (Join-Path $PSScriptRoot '../../module/Helicone.psd1')).Path
    Import-Module $module -Force
    $database = Join-Path $TestDrive 'gateway/gateway.db'
}

AfterAll {
    Stop-HeliconeGateway
    Remove-Module Helicone
}

Describe 'Invoke-HeliconeChat -WaitForGateway' {
    It 'shows what it waits for, and answers everything once the gateway is back' {
        $gateway = Start-HeliconeGateway -DatabasePath $database
        $gateway | Connect-Helicone -Model gpt-4o-mini
        $connection = Get-HeliconeConnection
        $gateway | Stop-HeliconeGateway

        $job = Start-ThreadJob {
            Import-Module $using:module
            1..6 | ForEach-Object { "Item $_" } | Invoke-HeliconeChat -WaitForGateway 10m -ThrottleLimit 3 -Connection $using:connection
        }
        while ($job.State -in 'NotStarted', 'Running' -and $job.Progress.Activity -notcontains 'Waiting for the gateway') { Start-Sleep -Milliseconds 50 }
        $shown = $job.Progress | Where-Object Activity -EQ 'Waiting for the gateway' | Select-Object -First 1
        $null = Start-HeliconeGateway -DatabasePath $database -Port $gateway.Uri.Port
        $answers = $job | Receive-Job -Wait -ErrorVariable problems

        $problems | Should -BeNullOrEmpty
        $answers.Input | Should -Be (1..6 | ForEach-Object { "Item $_" })
        $shown.StatusDescription | Should -Match '^The gateway isn''t responding\. .* until '
        @(Get-HeliconeRequest -Connection $connection).Count | Should -Be 6
        $job | Remove-Job
    }
}
