#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    $manifest = Join-Path $PSScriptRoot '../../module/Helicone.psd1'
    Import-Module $manifest -Force
    . (Join-Path $PSScriptRoot 'McpTestServer.ps1')
    $pwsh = (Get-Process -Id $PID).Path
    $pwshArguments = @(if ((Split-Path $pwsh -Leaf) -like 'dotnet*') { [Environment]::GetCommandLineArgs()[0] })
    $server = $script:mcpServer
    $configuration = Join-Path $TestDrive 'gateway.json'
    @'
{
  "scenarios": [
    {
      "match": { "prompt": "disk" },
      "replies": [
        {
          "text": "I look at four things.",
          "toolCalls": [
            { "name": "files__echo", "arguments": { "text": "from the first server" } },
            { "name": "web__structured", "arguments": { "city": "Oslo" } },
            { "name": "Get-Date", "arguments": { "Format": "yyyy" } },
            { "name": "Get-Item", "arguments": { "Path": "/" } }
          ]
        },
        { "text": "All four answered." }
      ]
    }
  ]
}
'@ | Set-Content $configuration

    function Start-Pwsh([string] $script) {
        $start = [Diagnostics.ProcessStartInfo]::new($pwsh)
        @($pwshArguments) + '-NoProfile', '-NonInteractive', '-Command', $script | ForEach-Object { $start.ArgumentList.Add($_) }
        $start.RedirectStandardOutput = $true
        $start.UseShellExecute = $false
        [Diagnostics.Process]::Start($start)
    }

    # The process may take a moment to be gone.
    function Wait-Gone([int] $id) {
        for ($i = 0; $i -lt 300; $i++) {
            $process = Get-Process -Id $id -ErrorAction Ignore
            if (-not $process -or $process.HasExited) { return $true }
            Start-Sleep -Milliseconds 50
        }
        $false
    }
}

AfterAll {
    Disconnect-HeliconeMcp
    Remove-Module Helicone
}

Describe 'MCP servers' {
    AfterEach {
        Disconnect-HeliconeMcp
    }

    It 'loads nothing of MCP before the first server is connected' {
        $script = "Import-Module '$manifest'; Get-HeliconeMcp; Connect-Helicone -ApiKey sk-helicone-abcdefg-hijklmn-opqrstu-vwxyz12; [AppDomain]::CurrentDomain.GetAssemblies().GetName().Name -join ','"
        $loaded = & $pwsh @pwshArguments -NoProfile -Command $script
        $loaded | Should -Match 'Helicone.Core'
        $loaded | Should -Not -Match 'Helicone.Mcp|ModelContextProtocol'
    }

    It 'keeps the SDK in a load context of its own' {
        $null = Connect-HeliconeMcp dotnet $server, stdio
        $contexts = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -match '^(Helicone\.Mcp|ModelContextProtocol\.Core|Helicone\.Core)$' } |
            ForEach-Object { "$($_.GetName().Name): $([Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name)" }
        $contexts | Sort-Object | Should -Be 'Helicone.Core: Helicone', 'Helicone.Mcp: Helicone.Mcp', 'ModelContextProtocol.Core: Helicone.Mcp'
    }

    It 'runs a conversation with two servers and two commands at once' {
        $service = Start-McpService
        $gateway = Start-HeliconeGateway -ConfigPath $configuration -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db')
        try {
            $gateway | Connect-Helicone
            $null = Connect-HeliconeMcp dotnet $server, stdio -Name files
            $null = Connect-HeliconeMcp -Uri $service.Address -Name web
            $tools = @(Get-HeliconeMcpTool) + 'Get-Date', 'Get-Item'

            # By name as well, and with Tab.
            (TabExpansion2 'Invoke-HeliconeChat x -Tool files__ec' -cursorColumn 37).CompletionMatches.CompletionText | Should -Be 'files__echo'
            (TabExpansion2 'Invoke-HeliconeMcpTool web__str' -cursorColumn 31).CompletionMatches.CompletionText | Should -Be 'web__structured'
            $tools = @($tools | Where-Object { "$_" -ne 'files__echo' }) + 'files__echo'
            $answer = Invoke-HeliconeChat 'How is the disk?' -Tool $tools -AllowTool 'files__*', 'web__*'
            $answer.Content | Should -Match 'All four answered.'
            $answer.ToolRuns.Name | Should -Be 'files__echo', 'web__structured', 'Get-Date', 'Get-Item'
            $answer.ToolRuns.Outcome | Should -Be 'Ran', 'Ran', 'Ran', 'Ran'
            $answer.ToolRuns[0].Result | Should -Be '{"output":["echo: from the first server"]}'
            $answer.ToolRuns[1].Result | Should -Match '21.5'
            $answer.ToolRuns[0].AllowedBy | Should -Be 'AllowTool'
        }
        finally {
            Disconnect-HeliconeMcp
            $gateway | Stop-HeliconeGateway
            Stop-McpService $service
        }
    }

    It 'shows progress and log messages' {
        $null = Connect-HeliconeMcp dotnet $server, stdio -Name t
        Invoke-HeliconeMcpTool t__log @{ text = 'beep' } -Verbose 4>&1 | Out-String | Should -Match 'beep|logged'
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$manifest'; `$null = Connect-HeliconeMcp dotnet '$server', stdio -Name t; Invoke-HeliconeMcpTool t__slow @{ milliseconds = 200 }").Invoke()
            $shell.Streams.Progress.StatusDescription | Should -Contain 'step 2'
            $shell.Streams.Progress | Where-Object Activity -EQ 'Calling t__slow' | Select-Object -Last 1 -ExpandProperty RecordType | Should -Be 'Completed'
        }
        finally {
            $shell.Runspace.Dispose()
            $shell.Dispose()
        }
    }

    It 'starts a dead server once more, and says so' {
        $null = Connect-HeliconeMcp dotnet $server, stdio -Name t
        Invoke-HeliconeMcpTool t__crash -ErrorVariable problem -ErrorAction SilentlyContinue
        $problem.FullyQualifiedErrorId | Should -Match '^HeliconeMcpExited,'
        "$problem" | Should -Match 'code 3.*out of cheese'
        (Invoke-HeliconeMcpTool t__echo @{ text = 'back' } -WarningVariable warning -WarningAction SilentlyContinue).Text | Should -Be 'echo: back'
        "$warning" | Should -Match "'t' had ended and was started again"
    }

    It 'gives a server none of the keys of this process' {
        $env:HELICONE_API_KEY = 'sk-helicone-abcdefg-hijklmn-opqrstu-vwxyz12'
        $env:MCP_PESTER_SECRET = 'secret'
        try {
            $null = Connect-HeliconeMcp dotnet $server, stdio -Name t -Environment @{ NAMED = 'yes' }
            $names = (Invoke-HeliconeMcpTool t__environment).Text -split ','
            $names | Should -Contain 'NAMED'
            $names | Should -Not -Contain 'HELICONE_API_KEY'
            $names | Should -Not -Contain 'MCP_PESTER_SECRET'
        }
        finally {
            $env:HELICONE_API_KEY = $env:MCP_PESTER_SECRET = $null
        }
    }

    It 'starts a server in the current location' {
        Push-Location $TestDrive
        try {
            $null = Connect-HeliconeMcp dotnet $server, stdio -Name t
            (Get-Item (Invoke-HeliconeMcpTool t__folder).Text).FullName | Should -Be (Get-Item $TestDrive).FullName
        }
        finally {
            Pop-Location
        }
    }

    It 'never shows a token' {
        $service = Start-McpService 'let-me-in-please-1234'
        try {
            $wrong = ConvertTo-SecureString 'wrong-token-987654321' -AsPlainText -Force
            $output = & { Connect-HeliconeMcp -Uri $service.Address -Name web -Token $wrong -Verbose -Debug } *>&1 | Out-String
            $output | Should -Match 'refused the token'
            $output | Should -Not -Match '987654321'
            "$($Error[0] | Format-List * -Force | Out-String)" | Should -Not -Match '987654321'
            $right = ConvertTo-SecureString 'let-me-in-please-1234' -AsPlainText -Force
            $connected = Connect-HeliconeMcp -Uri $service.Address -Name web -Token $right
            ($connected | Format-List * | Out-String) | Should -Not -Match 'let-me-in'
            (Invoke-HeliconeMcpTool web__echo @{ text = 'in' }).Text | Should -Be 'echo: in'
        }
        finally {
            Disconnect-HeliconeMcp
            Stop-McpService $service
        }
    }

    It 'shows text of servers without driving the terminal' {
        $rendering, $PSStyle.OutputRendering = $PSStyle.OutputRendering, 'PlainText'
        $null = Connect-HeliconeMcp dotnet $server, unknown-content -Name t
        $shown = & {
            Get-HeliconeMcp; Get-HeliconeMcp | Format-List; Get-HeliconeMcpTool | Format-Table; Get-HeliconeMcpTool | Format-List
            Invoke-HeliconeMcpTool t__work | Format-Custom
            Invoke-HeliconeMcpTool t__work | Format-List
        } | Out-String
        $PSStyle.OutputRendering = $rendering
        $shown.Contains([char]27) | Should -BeFalse
        $shown | Should -Match 'seen\u241B\[31m'
        $shown | Should -Match 'Does \u241B\[31mwork'
    }

    It 'connects the servers of a configuration, and reports the ones that fail' {
        $file = Join-Path $TestDrive 'mcp.json'
        @{ mcpServers = @{ good = @{ command = 'dotnet'; args = $server, 'stdio' }; bad = @{ command = 'no-such-program' } } } | ConvertTo-Json -Depth 5 | Set-Content $file
        $connected = Connect-HeliconeMcp -ConfigPath $file -ErrorVariable problem -ErrorAction SilentlyContinue
        $connected.Name | Should -Be 'good'
        $problem.FullyQualifiedErrorId | Should -Match '^HeliconeMcpStartFailed,'
        $problem.TargetObject | Should -Be 'bad'
    }

    It 'needs someone to ask for the inputs of a configuration' {
        $file = Join-Path $TestDrive 'inputs.json'
        '{ "inputs": [{ "id": "key", "type": "promptString", "password": true }], "servers": { "x": { "command": "dotnet", "env": { "KEY": "${input:key}" } } } }' | Set-Content $file
        $text = & $pwsh @pwshArguments -NoProfile -NonInteractive -Command "Import-Module '$manifest'; try { Connect-HeliconeMcp -ConfigPath '$file' -ErrorAction Stop } catch { `$_.FullyQualifiedErrorId; `"`$_`" }" | Out-String
        $text | Should -Match 'HeliconeInvalidMcp,'
        $text | Should -Match "asks for 'key'"
    }
}

Describe 'The process of an MCP server' {
    It 'ends with Disconnect-HeliconeMcp' {
        $connected = Connect-HeliconeMcp dotnet $server, stays
        $id = $connected.ProcessId
        $connected | Disconnect-HeliconeMcp
        Wait-Gone $id | Should -BeTrue
    }

    It 'ends with Remove-Module, even when it ignores the end of its input' {
        $process = Start-Pwsh "Import-Module '$manifest'; (Connect-HeliconeMcp dotnet '$server', stays).ProcessId; Remove-Module Helicone; 'removed'; Start-Sleep 60"
        try {
            $id = [int] $process.StandardOutput.ReadLine()
            $process.StandardOutput.ReadLine() | Should -Be 'removed'
            Wait-Gone $id | Should -BeTrue
        }
        finally {
            $process.Kill()
        }
    }

    It 'ends with its runspace' {
        $shell = [powershell]::Create()
        $id = $shell.AddScript("Import-Module '$manifest'; (Connect-HeliconeMcp dotnet '$server', stays).ProcessId").Invoke()[0]
        $shell.Runspace.Dispose()
        $shell.Dispose()
        Wait-Gone $id | Should -BeTrue
    }

    It 'ends with PowerShell, even when it ignores the end of its input' {
        $process = Start-Pwsh "Import-Module '$manifest'; (Connect-HeliconeMcp dotnet '$server', stays).ProcessId; exit"
        $id = [int] $process.StandardOutput.ReadLine()
        $process.WaitForExit(30000) | Should -BeTrue
        Wait-Gone $id | Should -BeTrue
    }

    It 'ends when PowerShell is killed' {
        $process = Start-Pwsh "Import-Module '$manifest'; (Connect-HeliconeMcp dotnet '$server', stdio).ProcessId; Start-Sleep 600"
        $id = [int] $process.StandardOutput.ReadLine()
        $process.Kill()
        Wait-Gone $id | Should -BeTrue
    }

    It 'ends when PowerShell is killed, even when it ignores the end of its input, where the system allows that' -Skip:(-not $IsWindows -and -not (Test-Path /usr/bin/setpriv)) {
        $process = Start-Pwsh "Import-Module '$manifest'; (Connect-HeliconeMcp dotnet '$server', stays).ProcessId; Start-Sleep 600"
        $id = [int] $process.StandardOutput.ReadLine()
        $process.Kill()
        Wait-Gone $id | Should -BeTrue
    }

    It 'goes on after Ctrl+C' -Skip:$IsWindows {
        # The terminal interrupts every process of the group in the foreground.
        $process = Start-Pwsh "Import-Module '$manifest'; (Connect-HeliconeMcp dotnet '$server', stdio).ProcessId; Start-Sleep 600"
        try {
            $id = [int] $process.StandardOutput.ReadLine()
            $groups = foreach ($one in $process.Id, $id) { (ps -o pgid= -p $one).Trim() }
            $groups[0] | Should -Not -Be $groups[1]
        }
        finally {
            $process.Kill()
        }
    }
}
