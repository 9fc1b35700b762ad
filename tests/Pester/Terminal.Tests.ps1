#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    $script:module = Join-Path $PSScriptRoot '../../module/Helicone.psd1'
    Import-Module $module -Force

    @{
        scenarios = @(
            @{ match = @{ prompt = 'hostile' }; reply = @{ text = "`e]0;owned`a`e[2J`u{202e}gnp" } }
            @{ match = @{ prompt = 'long' }; reply = @{ text = 'word ' * 60 } }
            @{ match = @{ prompt = 'tools' }; reply = @{ toolCall = @{ name = 'run'; arguments = @{ command = "a`u{202e}b" } } } }
            @{ match = @{ prompt = 'weather' }; reply = @{ toolCall = @{ name = 'get_weather'; arguments = @{ city = 'Oslo' } } } }
            @{ match = @{ prompt = 'fail' }; failure = @{ status = 400; message = "No quota.`e[2J" } }
        )
    } | ConvertTo-Json -Depth 9 | Set-Content (Join-Path $TestDrive 'gateway.json')
    $script:gateway = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db') -ConfigPath (Join-Path $TestDrive 'gateway.json')
    Connect-Helicone -Local

    $script:session = New-HeliconeSession 'Nightly triage'
    $script:answer = Invoke-HeliconeChat 'Is this alert new?' -Session $session -UserId ops -Property @{ Team = 'ops'; Environment = 'production' }
    Send-HeliconeLog -Model "m`e[2J" -Prompt "p`e[2J" -Content "c`e[2J" -Duration 1s -Property @{ Place = "x`u{202e}y" } -UserId hostile
    $answer | Add-HeliconeRequestScore -Score @{ accuracy = 0.9 }
}

AfterAll {
    Remove-Module Helicone
}

Describe 'An answer that is written to a file' {
    It 'is its text, without the line about the call, with <Name>' -ForEach @(
        @{ Name = '>'; Write = { $answer > $file } }
        @{ Name = '>>'; Write = { $answer >> $file } }
        @{ Name = 'Out-File'; Write = { $answer | Out-File $file } }
        @{ Name = 'Tee-Object'; Write = { $answer | Tee-Object -FilePath $file } }
        @{ Name = 'Out-String'; Write = { $answer | Out-String | Set-Content $file } }
        @{ Name = 'Set-Content'; Write = { $answer | Set-Content $file } }
    ) {
        $file = Join-Path $TestDrive "$(New-Guid).txt"

        & $Write

        (Get-Content $file -Raw).Trim() | Should -Be "$answer"
    }

    It 'stays so after the engine has optimized its own code' {
        $file = Join-Path $TestDrive 'many.txt'

        1..300 | ForEach-Object { $answer > $file }
        1..300 | ForEach-Object { $answer } > $file

        Get-Content $file | Where-Object { $_ } | Sort-Object -Unique | Should -Be "$answer"
    }

    It 'is not broken into lines' {
        $file = Join-Path $TestDrive 'long.txt'

        Invoke-HeliconeChat 'long' > $file

        @(Get-Content $file | Where-Object { $_ }).Count | Should -Be 1
    }

    It 'has no line about the call where another program redirects the output of PowerShell' {
        $file = Join-Path $TestDrive 'answer.xml'
        $answer | Export-Clixml $file

        # PowerShell as a .NET tool has no program of its own.
        $powershell, $first = [Environment]::ProcessPath, @()
        if ([System.IO.Path]::GetFileNameWithoutExtension($powershell) -eq 'dotnet') {
            $first = 'exec', (Join-Path $PSHOME 'pwsh.dll')
        }

        $lines = & $powershell @first -NoProfile -Command "Import-Module '$module'; Import-Clixml '$file'"

        # A console that isn't there has 80 columns.
        ($lines -join ' ').Trim() | Should -Be "$answer"
    }
}

Describe 'Text of others' {
    It 'is shown and not executed: <Name>' -ForEach @(
        @{ Name = 'an answer'; Show = { Invoke-HeliconeChat hostile } }
        @{ Name = 'an answer as a list'; Show = { Invoke-HeliconeChat hostile | Format-List } }
        @{ Name = 'an answer as a table'; Show = { Invoke-HeliconeChat hostile | Format-Table } }
        @{ Name = 'a stream'; Show = { Invoke-HeliconeChat hostile -Stream } }
        @{ Name = 'a stream that is printed'; Show = { -join (Invoke-HeliconeChat hostile -Stream | Show-HeliconeStream 6>&1) } }
        @{ Name = 'the calls of a tool'; Show = { (Invoke-HeliconeChat tools).ToolCalls } }
        @{ Name = 'a row of the log'; Show = { Get-HeliconeRequest -UserId hostile -IncludeBody } }
        @{ Name = 'a row of the log as a list'; Show = { Get-HeliconeRequest -UserId hostile -IncludeBody | Format-List } }
        @{ Name = 'usage'; Show = { Get-HeliconeUsage -By Model } }
        @{ Name = 'usage as a list'; Show = { Get-HeliconeUsage -By Model | Format-List } }
        @{ Name = 'an error in the old view'; Show = { $ErrorView = 'NormalView'; "fail`e[2J" | Invoke-HeliconeChat 2>&1 } }
        @{ Name = 'the attempts of an error as a list'; Show = { Invoke-HeliconeChat fail -ErrorAction SilentlyContinue -ErrorVariable failed; $failed[0].Exception.Attempts | Format-List } }
        @{ Name = 'the attempts of an error'; Show = { Invoke-HeliconeChat fail -ErrorAction SilentlyContinue -ErrorVariable failed; $failed[0].Exception.Attempts } }
        @{ Name = 'an error'; Show = { Invoke-HeliconeChat fail 2>&1 } }
        @{ Name = 'the message of an exception'; Show = { try { Invoke-HeliconeChat fail -ErrorAction Stop } catch { $_.Exception.Message } } }
    ) {
        $shown = (& $Show | Out-String -Width 300) -replace '\e\[[0-9;]*m'

        $shown | Should -Not -Match "[\e\a\u202e]"
        $shown | Should -Match "[`u{241b}`u{27e6}]"
    }

    It 'stays on the object as it came' {
        (Invoke-HeliconeChat hostile).Content | Should -Be "`e]0;owned`a`e[2J`u{202e}gnp"
    }
}

# The recordings are made in a pseudoterminal of Linux.
if ($IsLinux -and (Get-Command script -CommandType Application -ErrorAction Ignore)) {
    Describe 'docs/terminal.md' {
        It 'is what a terminal of 80, 120, and 200 columns shows, and nothing in it drives one' {
            $file = Join-Path $TestDrive 'terminal.md'

            & (Join-Path $PSScriptRoot 'Recording/Write-Recording.ps1') -Path $file

            # To accept a change: pwsh -File tests/Pester/Recording/Write-Recording.ps1
            Get-Content $file | Should -Be (Get-Content (Join-Path $PSScriptRoot '../../docs/terminal.md'))
            Get-Content $file -Raw | Should -Not -Match "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f]"
        }
    }
}

Describe 'A call of a tool' {
    It 'is shown as a person would write it, without an empty line' {
        $lines = (Invoke-HeliconeChat weather | Out-String) -split '\r?\n' | Where-Object { $_ }

        $lines | Should -Be "$([char]0x2192) get_weather(city: `"Oslo`")"
    }
}

Describe 'An answer that has left its process' {
    It 'has its numbers, its view, and its place in a conversation after <Name>' -ForEach @(
        @{ Name = 'Export-Clixml'; Send = { $file = Join-Path $TestDrive 'a.xml'; $answer | Export-Clixml $file; Import-Clixml $file } }
        @{ Name = 'a nested Export-Clixml'; Send = { $file = Join-Path $TestDrive 'b.xml'; @{ Night = @($answer) } | Export-Clixml $file -Depth 1; (Import-Clixml $file).Night } }
        @{ Name = 'Start-Job'; Send = { Start-Job { Import-Module $using:module; Import-Clixml $args[0] } -ArgumentList (Join-Path $TestDrive 'a.xml') | Receive-Job -Wait -AutoRemoveJob } }
    ) {
        $answer | Export-Clixml (Join-Path $TestDrive 'a.xml')

        $copy = & $Send

        $copy.PSTypeNames[0] | Should -BeLike 'Deserialized.Helicone.Chat.ChatCompletion'
        $copy.Usage.TotalTokens | Should -BeOfType ([long])
        $copy.Usage.TotalTokens | Should -Be $answer.Usage.TotalTokens
        $copy.Latency | Should -Be $answer.Latency
        $copy.LatencyMs | Should -BeOfType ([double])
        $copy.Attempts[0].StatusCode | Should -Be 200
        $copy.Text | Should -Be "$answer"
        ($copy | Out-String -Width 300).Trim() | Should -Be "$answer"
        ($copy | Format-List | Out-String) | Should -Match 'Usage +: \d+.\d+'
        $copy.Attempts | Out-String | Should -Match 'Number +Started +Duration'
        Invoke-HeliconeChat -Message 'Is this alert new?', $copy, 'And now?' | Should -Not -BeNullOrEmpty
        $body = (Get-HeliconeRequest -First 1 -IncludeBody).RequestBody | ConvertFrom-Json
        $body.messages[1].role | Should -Be 'assistant'
        $body.messages[1].content | Should -Be "$answer"
        $body.messages[1] | ConvertTo-Json -Compress -Depth 8 | Should -Be ($copy.Message.Json)
    }

    It 'leaves rows of the log that are sorted by time' {
        $file = Join-Path $TestDrive 'rows.xml'
        $null = Invoke-HeliconeChat 'another'
        Get-HeliconeRequest -First 2 | Export-Clixml $file

        $rows = Import-Clixml $file | Sort-Object Created

        $rows[0].Created | Should -BeOfType ([datetime])
        $rows[0].Created | Should -BeLessThan $rows[1].Created
        $rows[0].Tokens | Should -BeOfType ([long])
        $rows | Format-Table | Out-String | Should -Match '\d\d-\d\d \d\d:\d\d:\d\d '
    }
}

Describe 'Headers of tables' {
    It 'are properties of <Type>' -ForEach @(
        @{ Type = 'Helicone.Chat.ChatCompletion'; Get = { $answer } }
        @{ Type = 'Helicone.Registry.ModelInfo'; Get = { Get-HeliconeModel gpt-4o-mini } }
        @{ Type = 'Helicone.Attribution.HeliconeSession'; Get = { $session } }
        @{ Type = 'Helicone.Requests.LoggedRequest'; Get = { $answer | Get-HeliconeRequest } }
        @{ Type = 'Helicone.Requests.LoggedSession'; Get = { Get-HeliconeSession $session } }
        @{ Type = 'Helicone.Requests.LoggedUsage'; Get = { Get-HeliconeUsage } }
        @{ Type = 'Helicone.Requests.LoggedUser'; Get = { Get-HeliconeUser ops } }
        @{ Type = 'Helicone.Errors.CallAttempt'; Get = { $answer.Attempts[0] } }
        @{ Type = 'Helicone.Gateways.HeliconeGateway'; Get = { Get-HeliconeGateway } }
    ) {
        $object = & $Get | Select-Object -First 1
        $tables = (Get-FormatData $Type).FormatViewDefinition.Control | Where-Object { $_ -is [System.Management.Automation.TableControl] }

        $object | Should -Not -BeNullOrEmpty
        $tables.Headers.Label | Should -Not -BeNullOrEmpty
        $tables.Headers.Label | Where-Object { -not $object.PSObject.Properties[$_] } | Should -BeNullOrEmpty
    }

    It 'sort, filter, and measure' {
        $rows = Get-HeliconeRequest

        ($rows | Sort-Object Created)[0].RequestId | Should -Be $rows[-1].RequestId
        $rows | Where-Object Tokens -GT 100000 | Should -BeNullOrEmpty
        ($rows | Measure-Object LatencyMs -Average).Average | Should -BeGreaterThan 0
        ($rows | Where-Object User -EQ ops).RequestId | Should -Be $answer.RequestId
    }

    It 'show the user, the provider, and the prompt where there is room' {
        $row = $answer | Get-HeliconeRequest -IncludeBody

        $row | Out-String -Width 80 | Should -Not -Match 'User'
        $row | Out-String -Width 120 | Should -Match 'User +Provider'
        $row | Out-String -Width 200 | Should -Match 'ops +\S+ .*Is this alert new\?'
    }
}

Describe 'A row in a CSV file' {
    It 'has no name of a .NET collection: <Type>' -ForEach @(
        @{ Type = 'ChatCompletion'; Get = { $answer } }
        @{ Type = 'ChatChunk'; Get = { @(Invoke-HeliconeChat hi -Stream)[0] } }
        @{ Type = 'ModelInfo'; Get = { Get-HeliconeModel gpt-4o-mini } }
        @{ Type = 'LoggedRequest'; Get = { $answer | Get-HeliconeRequest -IncludeBody } }
        @{ Type = 'LoggedSession'; Get = { Get-HeliconeSession $session } }
        @{ Type = 'LoggedUser'; Get = { Get-HeliconeUser ops } }
        @{ Type = 'LoggedUsage'; Get = { Get-HeliconeUsage -By Model } }
        @{ Type = 'HeliconeConnection'; Get = { Get-HeliconeConnection } }
        @{ Type = 'HeliconeGateway'; Get = { Get-HeliconeGateway } }
        @{ Type = 'CallAttempt'; Get = { $answer.Attempts } }
        @{ Type = 'CostEstimate'; Get = { Measure-HeliconePrompt hi -Model gpt-4o-mini } }
        @{ Type = 'RunSummary'; Get = { $answer | Write-HeliconeSummary } }
    ) {
        $object = & $Get | Select-Object -First 1
        $object | Should -Not -BeNullOrEmpty

        $row = $object | ConvertTo-Csv | ConvertFrom-Csv

        $row.PSObject.Properties | Where-Object Value -Match '^System\.(?!Security)|`\d\[|\[\]$' | ForEach-Object { "$($_.Name): $($_.Value)" } | Should -BeNullOrEmpty
        { $object | ConvertTo-Json -Depth 3 -WarningAction SilentlyContinue } | Should -Not -Throw
        ($object | Format-Table | Out-String -Width 80) | Should -Not -Match "[``]\d\["
        ($object | Format-List | Out-String -Width 80) | Should -Not -Match "System\.Collections"
    }

    It 'has its properties and scores as text' {
        $row = $answer | Get-HeliconeRequest | ConvertTo-Csv | ConvertFrom-Csv

        $row.Properties | Should -Be 'Environment=production; Team=ops'
        $row.Scores | Should -Be 'accuracy=0.9'
    }
}

Describe 'The address of the dashboard' {
    It 'is one line' {
        $lines = (Open-HeliconeDashboard -PassThru | Out-String) -split '\r?\n' | Where-Object { $_ }

        @($lines).Count | Should -Be 1
        $lines | Should -Match '^http://127\.0\.0\.1:\d+/\?token=\S+$'
    }
}
