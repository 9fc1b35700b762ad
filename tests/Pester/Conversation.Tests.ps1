#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    $manifest = Join-Path $PSScriptRoot '../../module/Helicone.psd1'
    Import-Module $manifest -Force
    $configuration = Join-Path $TestDrive 'gateway.json'
    @'
{
  "scenarios": [
    { "match": { "prompt": "weather" }, "times": 1, "reply": { "toolCall": { "name": "get_weather", "arguments": { "city": "Oslo" } } } },
    { "match": { "prompt": "umbrella" }, "reply": { "text": "Take one." } }
  ]
}
'@ | Set-Content $configuration
    $gateway = Start-HeliconeGateway -ConfigPath $configuration -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db')
    $gateway | Connect-Helicone

    function Get-SentMessage($answer) {
        (Get-HeliconeRequest -Id $answer.RequestId -IncludeBody).RequestBody | ConvertFrom-Json | ForEach-Object messages
    }

    $png = [byte[]] (0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0)
    $folder = New-Item (Join-Path $TestDrive 'files') -ItemType Directory
    [IO.File]::WriteAllBytes((Join-Path $folder 'a.png'), $png)
    [IO.File]::WriteAllBytes((Join-Path $folder 'b.pdf'), [Text.Encoding]::ASCII.GetBytes('%PDF-1.4 x'))
    [IO.File]::WriteAllBytes((Join-Path $folder 'c.wav'), [Text.Encoding]::ASCII.GetBytes('RIFF    WAVEfmt '))
    Set-Content (Join-Path $folder 'd.txt') 'Disk full' -NoNewline
}

AfterAll {
    Remove-Module Helicone
}

Describe 'Conversations' {
    It 'continues an answer with everything that was exchanged' {
        $first = Invoke-HeliconeChat 'How is the weather?' -Image (Join-Path $folder 'a.png') -System 'Be brief.'
        $second = Invoke-HeliconeChat 'Do I need an umbrella?' -Conversation $first

        $sent = Get-SentMessage $second
        $sent.role | Should -Be 'system', 'user', 'assistant', 'user'
        $sent[1].content[1].image_url.url | Should -BeLike 'data:image/png;base64,*'
        $sent[2].tool_calls[0].function.name | Should -Be 'get_weather'
        $second.Conversation.TurnCount | Should -Be 2
    }

    It 'continues in another process' {
        $file = Join-Path $TestDrive 'conversation.jsonl'
        $first = Invoke-HeliconeChat 'Why is the sky blue?' -Session (New-HeliconeSession 'Sky')
        $first | Export-HeliconeConversation $file

        $job = Start-Job -ArgumentList $manifest, $file, $gateway.Uri.AbsoluteUri, ($gateway.ApiKey | ConvertFrom-SecureString -AsPlainText) -ScriptBlock {
            param($manifest, $file, $uri, $key)
            Import-Module $manifest
            Connect-Helicone -GatewayUri $uri -ApiKey $key
            $answer = Invoke-HeliconeChat 'And at sunset?' -Conversation (Import-HeliconeConversation $file)
            $answer.RequestId, $answer.SessionId
        }
        $id, $session = $job | Receive-Job -Wait -AutoRemoveJob

        (Get-SentMessage ([pscustomobject]@{ RequestId = $id })).role | Should -Be 'user', 'assistant', 'user'
        $session | Should -Be $first.SessionId
    }

    It 'continues an answer that a file of Export-Clixml has brought' {
        $file = Join-Path $TestDrive 'answer.xml'
        Invoke-HeliconeChat 'Why is the sky blue?' | Export-Clixml $file -Depth 5

        $answer = Invoke-HeliconeChat 'And at sunset?' -Conversation (Import-Clixml $file)

        (Get-SentMessage $answer).role | Should -Be 'user', 'assistant', 'user'
    }

    It 'leaves out the oldest turns, and says so' {
        $long = Invoke-HeliconeChat ('word ' * 2000)
        $answer = Invoke-HeliconeChat 'And now?' -Conversation (Invoke-HeliconeChat 'Go on.' -Conversation $long) -MaxContextToken 500 -WarningVariable warning -WarningAction SilentlyContinue

        (Get-SentMessage $answer) | Should -HaveCount 3
        $warning | Should -BeLike '1 of 2 turns*'
    }
}

Describe 'Files and objects' {
    It 'sends files as what they hold, in one call' {
        $answer = Get-ChildItem $folder | Sort-Object Name | Invoke-HeliconeChat 'What are these?'

        $parts = (Get-SentMessage $answer)[0].content
        $parts.type | Should -Be 'text', 'image_url', 'file', 'input_audio', 'text'
        $parts[2].file.filename | Should -Be 'b.pdf'
        $parts[3].input_audio.format | Should -Be 'wav'
        $parts[4].text | Should -Be "d.txt:`nDisk full"
    }

    It 'makes a call of each image with -ForEach' {
        $answers = Get-ChildItem $folder -Filter *.png | Invoke-HeliconeChat 'Describe this image.' -ForEach

        $answers | Should -HaveCount 1
        (Get-SentMessage $answers)[0].content.type | Should -Be 'text', 'image_url'
    }

    It 'refuses a file that is too large before it is read, and a directory' {
        $large = Join-Path $TestDrive 'large.bin'
        $stream = [IO.File]::Create($large)
        $stream.SetLength(60MB)
        $stream.Dispose()

        Get-Item $large, $folder | Invoke-HeliconeChat 'What is this?' -ForEach -ErrorVariable problems -ErrorAction SilentlyContinue | Should -BeNullOrEmpty

        $problems | Should -HaveCount 2
        $problems.FullyQualifiedErrorId | Should -BeLike 'HeliconeInvalidFile,*'
        $problems[0].Exception.Message | Should -BeLike "*60 MiB*"
        { Invoke-HeliconeChat 'x' -File $large } | Should -Throw -ErrorId 'HeliconeInvalidFile,*'
        { Invoke-HeliconeChat 'x' -Image (Join-Path $folder 'b.pdf') } | Should -Throw -ErrorId 'HeliconeInvalidFile,*'
    }

    It 'sends processes with the properties that PowerShell displays' {
        $answer = Get-Process -Id $PID | Invoke-HeliconeChat 'Is it busy?'

        $process = (Get-SentMessage $answer)[0].content -split "`n`n" | Select-Object -Last 1 | ConvertFrom-Json
        $process.Id | Should -Be $PID
        $process.PSObject.Properties.Name | Should -Contain 'WS'
        $process.PSObject.Properties.Name | Should -Not -Contain 'Modules'
    }

    It 'bounds ten thousand rows, and tells the model and the user' {
        $answer = 1..10000 | ForEach-Object { [pscustomobject]@{ Number = $_; Text = 'some text that is not short' } } |
            Invoke-HeliconeChat 'What is in these rows?' -WarningVariable warning -WarningAction SilentlyContinue

        $text = (Get-SentMessage $answer)[0].content
        $text.Length | Should -BeLessThan 201000
        $text | Should -BeLike '*of 10000 objects are left out here*'
        $warning | Should -BeLike '*of 10000 objects*'
    }

    It 'keeps nested data' {
        $data = @{ a = @{ b = @{ c = @{ d = @{ e = @(1, 2) } } } } }
        (Get-SentMessage (, $data | Invoke-HeliconeChat 'x'))[0].content | Should -BeLike '*{"a":{"b":{"c":{"d":{"e":`[1,2`]}}}}}*'
    }
}
