#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# Offline connections, recordings, and replays where the process matters: other runspaces and processes, Ctrl+C, and a machine without .NET.

BeforeDiscovery {
    # A machine without .NET: in a namespace of its own, a process sees an empty folder where .NET is.
    $script:canHide = $IsLinux -and (Get-Command unshare -ErrorAction Ignore) -and $(unshare -m true 2> $null; $LASTEXITCODE -eq 0)
}

BeforeAll {
    $script:manifest = Join-Path $PSScriptRoot '../../module/Helicone.psd1'
    $script:samples = Join-Path $PSScriptRoot '../../samples/testing'
    Import-Module $manifest -Force
    $script:before = $env:HELICONE_API_KEY
    $script:key = 'sk-helicone-q7w3e5r-t9y2u4i-o6p8a1s-d3f5g7h'
    $env:HELICONE_API_KEY = $key
}

AfterAll {
    $env:HELICONE_API_KEY = $script:before
    Remove-Module Helicone
}

Describe 'Connect-Helicone -Offline' {
    AfterEach {
        Disconnect-Helicone
    }

    It 'answers chats, streams, tools, shapes, and conversations, and shows no key' {
        Connect-Helicone -Offline -Scenario @{
            match = @{ prompt = 'weather'; tools = 'Get-Weather' }
            replies = @{ toolCall = @{ name = 'Get-Weather'; arguments = @{ City = 'Oslo' } } }, @{ text = 'It is {{toolResult}}.' }
        }
        function Get-Weather([string] $City) { "sunny in $City" }

        $answer = Invoke-HeliconeChat 'Hello'
        $next = Invoke-HeliconeChat 'And you?' -Conversation $answer
        $chunks = @(Invoke-HeliconeChat 'Hello' -Stream)
        $typed = Invoke-HeliconeChat 'Classify.' -As @{ Severity = 'error', 'warning'; Count = [int] }
        $tooled = Invoke-HeliconeChat 'The weather?' -Tool Get-Weather

        "$answer" | Should -BeLike '`[offline`] gpt-4o-mini heard: "Hello"*'
        $answer.Provider | Should -Be 'offline'
        "$next" | Should -BeLike '*heard: "And you?"*answer to 3 messages*'
        ($chunks.Text -join '') | Should -Be "$answer"
        $typed.Severity | Should -Be 'error'
        $typed.Count | Should -Be 0
        "$tooled" | Should -Match 'It is .*sunny in Oslo'
        $tooled.ToolRuns.Name | Should -Be 'Get-Weather'
        (Get-HeliconeConnection).IsOffline | Should -BeTrue
        Get-HeliconeConnection | Format-List | Out-String | Should -Match 'IsOffline +: True'
        Get-HeliconeConnection | Format-List * | Out-String | Should -Not -Match 'q7w3e5r'
    }

    It 'has no log, and says what has: <Command>' -ForEach @(
        @{ Command = 'Get-HeliconeRequest'; Script = { Get-HeliconeRequest -ErrorAction Stop } }
        @{ Command = 'Get-HeliconeSession'; Script = { Get-HeliconeSession -ErrorAction Stop } }
        @{ Command = 'Get-HeliconeUser'; Script = { Get-HeliconeUser -ErrorAction Stop } }
        @{ Command = 'Set-HeliconeRequestFeedback'; Script = { Invoke-HeliconeChat 'Hi' | Set-HeliconeRequestFeedback -Rating Positive -ErrorAction Stop } }
        @{ Command = 'Set-HeliconeRequestProperty'; Script = { Invoke-HeliconeChat 'Hi' | Set-HeliconeRequestProperty -Property @{ Team = 'ops' } -ErrorAction Stop } }
        @{ Command = 'Add-HeliconeRequestScore'; Script = { Invoke-HeliconeChat 'Hi' | Add-HeliconeRequestScore -Score @{ a = 1 } -ErrorAction Stop } }
        @{ Command = 'Send-HeliconeLog'; Script = { Send-HeliconeLog -Model m -Prompt p -Content c -ErrorAction Stop } }
        @{ Command = 'Open-HeliconeDashboard'; Script = { Open-HeliconeDashboard -AsUri -ErrorAction Stop } }
    ) {
        Connect-Helicone -Offline

        $problem = $Script | Should -Throw -ErrorId 'HeliconeNotAvailableOffline*' -PassThru

        $problem.ErrorDetails.RecommendedAction | Should -BeLike '*Connect-Helicone -Local*'
    }

    It 'keeps a journal whose answers are not a model''s' {
        $journal = Join-Path $TestDrive 'offline.jsonl'
        Connect-Helicone -Offline
        $answers = 1..5 | Invoke-HeliconeChat { "Number $_" } -ForEach -Journal $journal
        $again = 1..5 | Invoke-HeliconeChat { "Number $_" } -ForEach -Journal $journal

        $answers | Should -HaveCount 5
        "$again" | Should -Be "$answers"
        @(Select-String -LiteralPath $journal -Pattern '"provider":"offline"').Count | Should -BeGreaterOrEqual 5

        # At a gateway, every item is sent.
        Connect-Helicone -Offline -Record (Join-Path $TestDrive 'unused.jsonl')
        (Get-HeliconeConnection).GatewayUri.Host | Should -Be 'offline.invalid'
    }

    It 'rehearses a budget with prices' {
        Connect-Helicone -Offline -MaxCost 0.0001 -Scenario @{ offline = @{ prices = $true } }

        { 1..50 | Invoke-HeliconeChat { "Number $_" } -ForEach -MaxTokens 60 -ErrorAction Stop } | Should -Throw -ErrorId 'HeliconeBudgetExceeded*'

        (Get-HeliconeConnection).Spent | Should -BeGreaterThan 0
    }

    It 'names the place of what is wrong in a file' {
        $file = Join-Path $TestDrive 'scenarios.json'
        Set-Content $file "[`n  { `"match`": { `"promt`": `"x`" }, `"reply`": { `"text`": `"y`" } }`n]"

        { Connect-Helicone -Offline -Scenario $file } | Should -Throw -ErrorId 'HeliconeInvalidScenario,*' -ExpectedMessage '*scenarios.json line 2, column *promt*'
        { Connect-Helicone -Offline -Scenario (Join-Path $TestDrive 'none.json') } | Should -Throw -ErrorId 'HeliconeScenarioNotFound,*'
        { Connect-Helicone -Offline -Scenario 5 } | Should -Throw -ErrorId 'HeliconeInvalidScenario,*'
        { Connect-Helicone -Offline -Scenario @{ reply = @{ text = '{{nothing}}' } } } | Should -Throw -ErrorId 'HeliconeInvalidScenario,*'
        Get-HeliconeConnection | Select-Object -ExpandProperty IsOffline | Should -BeFalse
    }

    It 'loads nothing of it before it is asked for, in a new process' {
        $loaded = pwsh -NoProfile -NonInteractive -Command "
            Import-Module '$manifest'
            `$names = { [AppDomain]::CurrentDomain.GetAssemblies().GetName().Name -like 'Helicone*' | Sort-Object }
            (& `$names) -join ','
            Connect-Helicone -ApiKey $key -GatewayUri http://127.0.0.1:1 -MaxRetry 0
            Invoke-HeliconeChat 'Hi' -ErrorAction Ignore
            (& `$names) -join ','
            Connect-Helicone -Offline
            (& `$names) -join ','"

        $loaded[0] | Should -Be 'Helicone'
        $loaded[1] | Should -Be 'Helicone,Helicone.Core'
        $loaded[2] | Should -Be 'Helicone,Helicone.Core,Helicone.Offline'
    }

    It 'ends a scripted delay with Ctrl+C, as Stop does' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$manifest'; Connect-Helicone -Offline -Scenario @{ latency = '1h'; reply = @{ text = 'Late.' } }; 'connected'; Invoke-HeliconeChat 'Hi'; 'answered'")
            $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
            $running = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $output)
            while ($output.Count -eq 0) { Start-Sleep -Milliseconds 20 }
            $shell.Stop()
            try { $shell.EndInvoke($running) } catch { $null = $_ }

            "$output" | Should -Be 'connected'
        }
        finally {
            $shell.Dispose()
        }
    }

    It 'is used by ForEach-Object -Parallel and thread jobs, and never left for the cloud' {
        Connect-Helicone -Offline
        $c = Get-HeliconeConnection
        $module = $manifest

        $answers = 1..4 | ForEach-Object -ThrottleLimit 4 -Parallel { Import-Module $using:module; Invoke-HeliconeChat "Number $_" -Connection $using:c }
        $without = @(
            1 | ForEach-Object -Parallel { Import-Module $using:module; Invoke-HeliconeChat 'Hi' } 2>&1
            Start-Job { Import-Module $using:module; Invoke-HeliconeChat 'Hi' } | Receive-Job -Wait -AutoRemoveJob 2>&1
        )
        $job = Start-Job { Import-Module $using:module; Connect-Helicone -Offline; Invoke-HeliconeChat 'Hi' } | Receive-Job -Wait -AutoRemoveJob

        $answers | Should -HaveCount 4
        $without | Should -HaveCount 2
        foreach ($problem in $without) {
            $problem.FullyQualifiedErrorId | Should -BeLike 'HeliconeNotConnected*'
            "$problem" | Should -BeLike '*is offline*'
            $problem.ErrorDetails.RecommendedAction | Should -BeLike '*-Connection $using:c*Connect-Helicone -Offline*'
        }
        "$job" | Should -BeLike '`[offline`]*'
    }

    It 'combines with -Record, not with a key or a gateway' {
        { Connect-Helicone -Offline -ApiKey $key } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
        { Connect-Helicone -Offline -Local } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
        { Connect-Helicone -Replay x -Record y } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
        { Connect-Helicone -Replay x -Scenario @{} } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
    }
}

Describe 'A recording' {
    BeforeAll {
        # A gateway with a log, on this machine: the recorder is between the client and HTTP.
        $script:gateway = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db')
    }

    AfterAll {
        $gateway | Stop-HeliconeGateway
        Disconnect-Helicone
    }

    It 'of a gateway is replayed in another process, without it' {
        $recording = Join-Path $TestDrive 'local.jsonl'
        $gateway | Connect-Helicone -Record $recording
        $answer = Invoke-HeliconeChat "My key is $key."
        $chunks = (Invoke-HeliconeChat 'Tell a story' -Stream).Text -join '|'
        Get-HeliconeConnection | Format-List | Out-String | Should -Match 'Recording +: records to'

        $replayed = pwsh -NoProfile -NonInteractive -Command "
            Remove-Item Env:HELICONE_API_KEY
            Import-Module '$manifest'
            Connect-Helicone -Replay '$recording'
            `"`$(Invoke-HeliconeChat 'My key is $key.')`"
            (Invoke-HeliconeChat 'Tell a story' -Stream).Text -join '|'
            try { Invoke-HeliconeChat 'Something else' -ErrorAction Stop } catch { `$_.FullyQualifiedErrorId; `"`$_`" }"

        $replayed[0] | Should -Be ("$answer" -replace [regex]::Escape($key), "sk-helicone-$([char] 0x2026)5g7h")
        $replayed[1] | Should -Be $chunks
        $replayed[2] | Should -BeLike 'HeliconeRecordingMissing,*'
        $replayed[3] | Should -Match 'nearest recorded request is line \d\. What differs: messages\[0\]\.content'
        $text = Get-Content $recording -Raw
        $text | Should -Not -Match 'q7w3e5r|t9y2u4i|o6p8a1s'
        $text | Should -Not -Match ([System.Net.NetworkCredential]::new('', $gateway.ApiKey).Password)
    }

    It 'is written by two processes at once, line by line' {
        $recording = Join-Path $TestDrive 'two.jsonl'
        $script = { param($module, $recording, $name)
            Import-Module $module
            Connect-Helicone -Offline -Record $recording
            1..25 | Invoke-HeliconeChat { "$name $_" + ('x' * 5000) } -ForEach -ThrottleLimit 5 | Out-Null
        }
        $jobs = 'one', 'two' | ForEach-Object { Start-Job $script -ArgumentList $manifest, $recording, $_ }
        $jobs | Receive-Job -Wait -AutoRemoveJob

        $lines = @(Get-Content $recording | ConvertFrom-Json)
        $lines | Should -HaveCount 50
        Connect-Helicone -Replay $recording
        "$(Invoke-HeliconeChat ('two 25' + ('x' * 5000)))" | Should -BeLike '`[offline`]*two 25*'
    }

    It 'that is hostile or cut off is named by file and line, and runs nothing' {
        $recording = Join-Path $TestDrive 'bad.jsonl'
        $trap = Join-Path $TestDrive 'trap'
        Set-Content $recording "`"; New-Item '$trap'; `$(New-Item '$trap')`e[2J"
        $problem = { Connect-Helicone -Replay $recording } | Should -Throw -ErrorId 'HeliconeRecordingUnusable,*' -PassThru

        "$problem" | Should -BeLike '*bad.jsonl line 1:*'
        $problem | Out-String | Should -Not -Match "`e\[2J"
        Test-Path $trap | Should -BeFalse
        { Connect-Helicone -Offline -Record $recording } | Should -Throw -ErrorId 'HeliconeRecordingUnusable,*'
        { Connect-Helicone -Replay (Join-Path $TestDrive 'none.jsonl') } | Should -Throw -ErrorId 'HeliconeRecordingNotFound,*'
    }

    It 'keeps its costs for the budget of a replay' {
        $recording = Join-Path $TestDrive 'costs.jsonl'
        Connect-Helicone -Offline -Record $recording -Scenario @{ offline = @{ prices = $true } }
        $recorded = Invoke-HeliconeChat 'What does it cost?' -MaxTokens 50
        Connect-Helicone -Replay $recording -MaxCost 1
        $replayed = Invoke-HeliconeChat 'What does it cost?' -MaxTokens 50

        $replayed.Cost | Should -BeGreaterThan 0
        $replayed.Cost | Should -Be $recorded.Cost
        (Get-HeliconeConnection).Spent | Should -Be $recorded.Cost
        Get-HeliconeConnection | Format-List | Out-String | Should -Match 'Recording +: replays'
    }
}

Describe 'The recipe of docs/testing-your-scripts.md' {
    It 'passes with its recording, and with nothing else' {
        $result = pwsh -NoProfile -NonInteractive -Command "
            Remove-Item Env:HELICONE_API_KEY, Env:RECORD -ErrorAction Ignore
            Import-Module '$manifest', '$(Join-Path (Get-Module Pester).ModuleBase Pester.psd1)'
            `$run = Invoke-Pester '$samples' -PassThru -Output None
            `$run.Tests | Where-Object Result -ne Passed | ForEach-Object { `"`$(`$_.ExpandedName): `$(`$_.ErrorRecord)`" }
            `"`$(`$run.PassedCount) passed, `$(`$run.FailedCount) failed`""

        $result | Should -Be '4 passed, 0 failed'
    }

    It 'shows the files of the sample' {
        $page = Get-Content (Join-Path $PSScriptRoot '../../docs/testing-your-scripts.md') -Raw
        $script = (Get-Content (Join-Path $samples 'Get-Triage.ps1') -Raw) -replace '(?s)^<#.*?#>\r?\n'
        $test = (Get-Content (Join-Path $samples 'Get-Triage.Tests.ps1') -Raw) -replace '^#requires.*\r?\n\r?\n'

        $page | Should -Match ([regex]::Escape($script.Trim()))
        foreach ($block in $test.Trim() -split '\r?\n\r?\n(?=Describe .Get-Triage at)') {
            $page | Should -Match ([regex]::Escape($block))
        }
    }
}

Describe 'A machine without .NET' -Skip:(-not $canHide) {
    BeforeAll {
        # The runtime under another name, a pwsh that finds it by DOTNET_ROOT alone, and the module as it is packed.
        $script:alone = Join-Path $TestDrive 'alone'
        $dotnet = [System.IO.Path]::GetFullPath((Join-Path ([System.Runtime.InteropServices.RuntimeEnvironment]::GetRuntimeDirectory()) '../../..')).TrimEnd('/')
        $version = "$([System.Environment]::Version)"
        foreach ($part in "host/fxr/$version", "shared/Microsoft.NETCore.App/$version") {
            $null = New-Item (Join-Path $alone "runtime/$part") -ItemType Directory -Force
            Copy-Item (Join-Path $dotnet "$part/*") (Join-Path $alone "runtime/$part") -Recurse
        }

        $template = @(Get-ChildItem (Join-Path $dotnet 'sdk/*/AppHostTemplate/apphost'))[-1]
        $bytes = [System.IO.File]::ReadAllBytes($template)
        $latin = [System.Text.Encoding]::Latin1
        $at = $latin.GetString($bytes).IndexOf('c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f2', [System.StringComparison]::Ordinal)
        $name = $latin.GetBytes("pwsh.dll`0")
        [array]::Copy($name, 0, $bytes, $at, $name.Length)
        $shell = New-Item (Join-Path $alone 'shell') -ItemType Directory
        Get-ChildItem $PSHOME | Where-Object Name -ne 'pwsh' | ForEach-Object { $null = New-Item (Join-Path $shell $_.Name) -ItemType SymbolicLink -Target $_.FullName }
        [System.IO.File]::WriteAllBytes((Join-Path $shell 'pwsh'), $bytes)
        chmod +x (Join-Path $shell 'pwsh')
        Copy-Item (Split-Path $manifest) (Join-Path $alone 'Modules/Helicone') -Recurse

        function Invoke-Alone([string] $Script) {
            $file = Join-Path $alone 'script.ps1'
            Set-Content $file "`$PSStyle.OutputRendering = 'PlainText'; Import-Module '$alone/Modules/Helicone/Helicone.psd1'; $Script"
            $null = New-Item (Join-Path $alone 'home') -ItemType Directory -Force
            unshare -m sh -c "mount -t tmpfs none '$dotnet' && mkdir -p /etc/dotnet && mount -t tmpfs none /etc/dotnet; exec env -i HOME='$alone/home' PATH=/nowhere DOTNET_ROOT='$alone/runtime' DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 '$alone/shell/pwsh' -NoProfile -NonInteractive -File '$file'" 2>&1
        }
    }

    It 'gets answers offline: a chat, a stream, tools, a shape, and a run with a journal' {
        $output = Invoke-Alone @'
Connect-Helicone -Offline
"chat: $(Invoke-HeliconeChat 'Why?')"
"stream: $((Invoke-HeliconeChat 'Why?' -Stream).Text -join '')"
"shape: $((Invoke-HeliconeChat 'Classify.' -As @{ Severity = 'error', 'warning' }).Severity)"
"bulk: $(@(1..5 | Invoke-HeliconeChat { "Number $_" } -ForEach -Journal "$HOME/run.jsonl").Count), then $(@(1..5 | Invoke-HeliconeChat { "Number $_" } -ForEach -Journal "$HOME/run.jsonl").Count)"
Connect-Helicone -Offline -Scenario @{ match = @{ tools = 'Get-Date' }; replies = @{ toolCall = @{ name = 'Get-Date'; arguments = @{ Year = 2031 } } }, @{ text = 'It is {{toolResult}}.' } }
"tools: $(Invoke-HeliconeChat 'When?' -Tool Get-Date)"
'@

        $output[0] | Should -BeLike 'chat: `[offline`] gpt-4o-mini heard: "Why?"*'
        $output[1] | Should -Be ($output[0] -replace '^chat', 'stream')
        $output[2] | Should -Be 'shape: error'
        $output[3] | Should -Be 'bulk: 5, then 5'
        $output[4] | Should -BeLike 'tools: It is *2031*'
        $output | Should -HaveCount 5
    }

    It 'is told by -Local what to install, and what works at once' {
        $output = Invoke-Alone @'
try { Connect-Helicone -Local } catch { $_.FullyQualifiedErrorId; "$_"; $_.ErrorDetails.RecommendedAction }
try { Invoke-HeliconeChat 'Hi' } catch { $_.ErrorDetails.RecommendedAction }
'@

        $output[0] | Should -BeLike 'HeliconeGatewayFailed,*'
        $output[1] | Should -BeLike '*needs .NET, and no dotnet was found*'
        $output[2] | Should -BeLike '*ASP.NET Core runtime 10*Connect-Helicone -Offline works at once*'
        $output[3] | Should -BeLike '*Connect-Helicone -Offline*'
    }
}
