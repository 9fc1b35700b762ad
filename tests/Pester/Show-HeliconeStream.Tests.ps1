#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../module/Helicone.psd1') -Force
    $null = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db')
    Connect-Helicone -Local
}

AfterAll {
    Remove-Module Helicone
}

Describe 'Show-HeliconeStream' {
    It 'prints the pieces for the person and gives nothing to the pipeline' {
        $printed = $( $piped = Invoke-HeliconeChat 'Tell a story' -Stream | Show-HeliconeStream ) 6>&1

        $piped | Should -BeNullOrEmpty
        -join $printed | Should -BeLike '`[offline`]*story*'
        @($printed).Count | Should -BeGreaterThan 2
    }

    It 'gives the whole answer with -PassThru' {
        $answer = Invoke-HeliconeChat 'Tell a story' -Stream | Show-HeliconeStream -PassThru 6>$null

        "$answer" | Should -BeLike '`[offline`]*story*'
        $answer.TimeToFirstToken | Should -BeGreaterThan ([timespan]::Zero)
    }
}
