#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

Describe 'What a model receives' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot '../../module/Helicone.psd1') -Force
        $folder = Join-Path $TestDrive 'files'
        $null = New-Item -ItemType Directory (Join-Path $folder 'sub') -Force
        $png = [Convert]::FromBase64String('iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAEElEQVR4nGP4z8AARwzEcQCukw/x0F8jngAAAABJRU5ErkJggg==')
        [IO.File]::WriteAllBytes((Join-Path $folder 'a.png'), $png)
        [IO.File]::WriteAllText((Join-Path $folder 'b.pdf'), "%PDF-1.4`n%%EOF`n")
        [IO.File]::WriteAllBytes((Join-Path $folder 'c.wav'), [Text.Encoding]::ASCII.GetBytes("RIFF....WAVEfmt ") + [byte[]]::new(64))
        [IO.File]::WriteAllText((Join-Path $folder 'd.txt'), "disk is full`n")
        $large = [IO.File]::Create((Join-Path $folder 'e.bin'))
        $large.SetLength(60MB)
        $large.Dispose()
        $gateway = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db')
        $gateway | Connect-Helicone

        # The user's message, as it was sent.
        function Get-Sent($Answer) {
            ($Answer.Conversation.Messages | Where-Object Role -EQ 'user' | Select-Object -Last 1).Json
        }
    }

    AfterAll {
        Disconnect-Helicone
        Stop-HeliconeGateway
    }

    It 'is each file by its kind, and an error for a directory and for a file that is too large' {
        $answers = @(Get-ChildItem $folder | Invoke-HeliconeChat 'Describe.' -ForEach -ErrorAction SilentlyContinue -ErrorVariable failed)

        $answers.Count | Should -Be 4
        $kinds = $answers | ForEach-Object {
            $content = (Get-Sent $_ | ConvertFrom-Json).content
            if ($content -is [string]) { 'text' } else { $content[-1].type }
        }
        $kinds -join ',' | Should -Be 'image_url,file,input_audio,text'
        (Get-Sent $answers[3] | ConvertFrom-Json).content | Should -Match 'd\.txt:\s+disk is full'
        @($failed.FullyQualifiedErrorId -like 'HeliconeInvalidFile*').Count | Should -Be 2
        ($failed.TargetObject.Name | Sort-Object) -join ',' | Should -Be 'e.bin,sub'
    }

    It 'is several files in one call' {
        $answer = Get-ChildItem (Join-Path $folder '*.png'), (Join-Path $folder '*.pdf'), (Join-Path $folder '*.txt') | Invoke-HeliconeChat 'Describe.'

        ((Get-Sent $answer | ConvertFrom-Json).content.type) -join ',' | Should -Be 'text,image_url,file,text'
    }

    It 'is a byte array by its signature, whole or taken apart by the pipeline' {
        $bytes = [IO.File]::ReadAllBytes((Join-Path $folder 'a.png'))

        $whole = , $bytes | Invoke-HeliconeChat 'Describe.'
        $apart = $bytes | Invoke-HeliconeChat 'Describe.'

        Get-Sent $whole | Should -Match '"image_url"'
        Get-Sent $apart | Should -Be (Get-Sent $whole)
    }

    It 'is a process as compact JSON without what only PowerShell needs' {
        $text = (Get-Sent (Get-Process -Id $PID | Invoke-HeliconeChat 'What is this?') | ConvertFrom-Json).content

        $process = ($text -split "`n")[-1] | ConvertFrom-Json
        $process.Id | Should -Be $PID
        $process.PSObject.Properties.Name | Should -Contain 'WS'
        $process.PSObject.Properties.Name | Should -Not -Contain '__NounName'
        $text.Length | Should -BeLessThan 500
    }

    It 'is an object of depth 8 whole, and a note in place of what is deeper' {
        $value = 'leaf'
        1..8 | ForEach-Object { $value = @{ l = $value } }
        $deeper = 'leaf'
        1..12 | ForEach-Object { $deeper = @{ l = $deeper } }

        $whole = (Get-Sent ($value | Invoke-HeliconeChat 'Read.' -WarningVariable none) | ConvertFrom-Json).content
        $cut = (Get-Sent ($deeper | Invoke-HeliconeChat 'Read.' -WarningVariable warned -WarningAction SilentlyContinue) | ConvertFrom-Json).content

        $whole | Should -Match '"leaf"'
        $none | Should -BeNullOrEmpty
        $cut | Should -Match 'nested too deep; the rest is left out'
        $warned | Should -Not -BeNullOrEmpty
    }

    It 'is nested files by their paths, and nothing for a script property without a result' {
        $text = (Get-Sent (Get-Item $folder | Select-Object Name, Parent, Exists | Invoke-HeliconeChat 'Read.') | ConvertFrom-Json).content

        $read = ($text -split "`n")[-1] | ConvertFrom-Json
        $read.Parent | Should -Be (Get-Item $folder).Parent.FullName
        $text | Should -Not -Match '\{\}'
    }

    It 'is bounded: of 10,000 rows as many as fit, and a note for the model and for the user' {
        $answer = 1..10000 | ForEach-Object { [pscustomobject]@{ Id = $_; Name = "row $_"; Value = $_ * 1.5 } } |
            Invoke-HeliconeChat 'Sum up.' -WarningVariable warned -WarningAction SilentlyContinue
        $text = (Get-Sent $answer | ConvertFrom-Json).content

        $text.Length | Should -BeLessThan 201000
        $text | Should -Match '\(\d+ of 10000 objects are left out here'
        "$warned" | Should -Match 'of 10000 objects of the input were left out'
    }

    It 'is what a script block writes for each object, with an error for the one where it fails' {
        $rows = [pscustomobject]@{ Title = 'a'; Owner = 'ann' }, [pscustomobject]@{ Title = 'b'; Owner = 'bob' }, [pscustomobject]@{ Title = 'c'; Owner = 'cy' }

        $answers = @($rows | Invoke-HeliconeChat { if ($_.Title -eq 'b') { Write-Error 'no luck' }; "Translate: $($_.Title)" } -ForEach -UserId { $_.Owner } -ErrorAction SilentlyContinue -ErrorVariable failed)

        ($answers | ForEach-Object { (Get-Sent $_ | ConvertFrom-Json).content }) -join ',' | Should -Be 'Translate: a,Translate: c'
        @($failed).Count | Should -Be 1
        $failed[0].TargetObject.Title | Should -Be 'b'
        "$($failed[0])" | Should -Match 'no luck'
        ($answers | Get-HeliconeRequest).UserId -join ',' | Should -Be 'ann,cy'
    }
}
