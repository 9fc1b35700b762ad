#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../module/Helicone.psd1') -Force
    $null = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db')
    Connect-Helicone -Local
}

AfterAll {
    Remove-Module Helicone
}

Describe 'Enter-HeliconeSession' {
    It 'makes calls belong to the session until it is left' {
        $session = New-HeliconeSession -Name 'Nightly triage'

        $session | Enter-HeliconeSession
        $inside = Invoke-HeliconeChat 'inside'
        Exit-HeliconeSession
        $outside = Invoke-HeliconeChat 'outside'

        $inside.SessionId | Should -Be $session.Id
        $outside.SessionId | Should -BeNullOrEmpty
    }

    It 'says so when there is none to leave' {
        { Exit-HeliconeSession -ErrorAction Stop } | Should -Throw -ErrorId 'HeliconeSessionNotFound,*'
    }
}
