#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../module/Helicone.psd1') -Force
    $script:key = 'sk-helicone-q7w3e5r-t9y2u4i-o6p8a1s-d3f5g7h'
    $script:shown = "sk-helicone-$([char] 0x2026)5g7h"
    $script:before = $env:HELICONE_API_KEY
    $env:HELICONE_API_KEY = $null
}

AfterAll {
    $env:HELICONE_API_KEY = $script:before
    Remove-Module Helicone
}

Describe 'Connect-Helicone' {
    AfterEach {
        Disconnect-Helicone
    }

    It 'takes the key as <What> and never shows it' -ForEach @(
        @{ What = 'text'; Give = { param($text) $text } }
        @{ What = 'SecureString'; Give = { param($text) [System.Net.NetworkCredential]::new('', $text).SecurePassword } }
        @{ What = 'credential'; Give = { param($text) [pscredential]::new('helicone', [System.Net.NetworkCredential]::new('', $text).SecurePassword) } }
    ) {
        Connect-Helicone -ApiKey (& $Give $key)

        (Get-HeliconeConnection).ApiKey | Should -Be $shown
        Get-HeliconeConnection | Format-List * | Out-String | Should -Not -Match 'q7w3e5r'
        Get-HeliconeConnection | ConvertTo-Json -Depth 5 -WarningAction SilentlyContinue | Should -Not -Match 'q7w3e5r'
    }

    It 'reads the key of a .env file' {
        Set-Content TestDrive:/.env "# mine`nexport HELICONE_API_KEY='$key'"

        Connect-Helicone -EnvFile TestDrive:/.env

        (Get-HeliconeConnection).ApiKey | Should -Be $shown
    }

    It 'refuses the key of another service' {
        { Connect-Helicone -ApiKey 'sk-proj-abcdefghijklmnop' } | Should -Throw -ErrorId 'HeliconeInvalidKey,*'
        Get-HeliconeConnection | Should -BeNullOrEmpty
    }

    It 'says every way to connect when there is no key' {
        $problem = { Invoke-HeliconeChat 'x' } | Should -Throw -ErrorId 'HeliconeNotConnected,*' -PassThru

        $problem.ErrorDetails.RecommendedAction | Should -BeLike '*-ApiKey*-EnvFile*HELICONE_API_KEY*-Local*'
    }
}
