#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../module/Helicone.psd1') -Force
    $script:gateway = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db')
    Connect-Helicone -Local

    $script:session = New-HeliconeSession 'Nightly triage'
    $script:answer = Invoke-HeliconeChat 'Is this alert new?' -Session $session -SessionPath /triage/alerts -UserId ops
}

AfterAll {
    Remove-Module Helicone
}

Describe 'Open-HeliconeDashboard' {
    It 'leads to <What>' -ForEach @(
        @{ What = 'all calls'; Open = { Open-HeliconeDashboard -PassThru }; Text = 'Is this alert new?' }
        @{ What = 'the conversation of an answer'; Open = { $answer | Open-HeliconeDashboard -PassThru }; Text = 'gpt-4o-mini heard: &quot;Is this alert new?&quot;' }
        @{ What = 'the conversation of a row'; Open = { Get-HeliconeRequest $answer | Open-HeliconeDashboard -PassThru }; Text = 'gpt-4o-mini heard: &quot;Is this alert new?&quot;' }
        @{ What = 'the paths of a session'; Open = { Open-HeliconeDashboard -Session $session -PassThru }; Text = 'data-path="/triage/alerts"' }
        @{ What = 'the paths of a logged session'; Open = { Open-HeliconeDashboard -Session (Get-HeliconeSession $session) -PassThru }; Text = 'data-path="/triage/alerts"' }
    ) {
        $page = Invoke-WebRequest (& $Open) -SessionVariable browser

        $page.Content | Should -BeLike "*$Text*"
    }

    It 'gives a link that opens once, to a browser that may then look around' {
        $link = Open-HeliconeDashboard -PassThru
        $null = Invoke-WebRequest $link -SessionVariable browser

        Invoke-WebRequest $link -SkipHttpErrorCheck | ForEach-Object StatusCode | Should -Be 401
        (Invoke-WebRequest "$($gateway.Uri)sessions" -WebSession $browser).Content | Should -BeLike '*Nightly triage*'
        (Invoke-WebRequest "$($gateway.Uri)usage" -WebSession $browser).Content | Should -BeLike '*gpt-4o-mini*'
        Invoke-WebRequest "$($gateway.Uri)sessions" -SkipHttpErrorCheck | ForEach-Object StatusCode | Should -Be 401
    }

    It 'never puts the key into an address or a page' {
        $key = [System.Net.NetworkCredential]::new('', $gateway.ApiKey).Password
        $link = $answer | Open-HeliconeDashboard -PassThru

        "$link" | Should -Not -BeLike "*$key*"
        (Invoke-WebRequest $link).Content | Should -Not -BeLike "*$key*"
    }

    It 'leads to the dashboard of Helicone for who works on the cloud' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript({
                param($module)
                Import-Module $module
                Connect-Helicone -ApiKey sk-helicone-eu-abcdefg-hijklmn-opqrstu-vwxyz12
                Open-HeliconeDashboard 00000000-0000-4000-8000-000000000009 -PassThru
            }).AddArgument((Join-Path $PSScriptRoot '../../module/Helicone.psd1'))

            "$($shell.Invoke())" | Should -Be 'https://eu.helicone.ai/requests?requestId=00000000-0000-4000-8000-000000000009'
        }
        finally {
            $shell.Runspace.Dispose()
            $shell.Dispose()
        }
    }
}
