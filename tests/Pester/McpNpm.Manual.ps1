#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# Real servers from npm. They are downloaded, so this file isn't named *.Tests.ps1, and is no part of `dotnet test` or CI. To run it:
#
#     $env:HELICONE_TEST_NPM = '1'; Invoke-Pester tests/Pester/McpNpm.Manual.ps1

if (-not $env:HELICONE_TEST_NPM) {
    throw 'These tests download and run packages of npm. Set $env:HELICONE_TEST_NPM to 1 to allow that.'
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../module/Helicone.psd1') -Force
    $work = (New-Item -ItemType Directory (Join-Path $TestDrive 'work')).FullName
    Set-Content (Join-Path $work 'notes.txt') 'The release is on Friday.'
    Push-Location $work

    # The first start downloads the package.
    $slow = @{ ConnectTimeoutSec = 300 }
}

AfterAll {
    Disconnect-HeliconeMcp
    Pop-Location
    Remove-Module Helicone
}

Describe 'server-everything' {
    BeforeAll {
        Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db') -ConfigPath (Join-Path $PSScriptRoot '../../samples/gateway/mcp.json') | Connect-Helicone -Model gpt-4o-mini
        $null = Connect-HeliconeMcp npx '-y', '@modelcontextprotocol/server-everything', 'stdio' -Root . -AllowSampling @slow
    }

    AfterAll {
        Disconnect-HeliconeMcp
        Get-HeliconeGateway | Stop-HeliconeGateway
    }

    It 'offers tools, resources, templates, and prompts' {
        (Get-HeliconeMcpTool).Count | Should -BeGreaterThan 10
        @(Get-HeliconeMcpResource | Where-Object IsTemplate).Count | Should -BeGreaterThan 0
        (Get-HeliconeMcpPrompt).Count | Should -BeGreaterThan 2
    }

    It 'returns text, images, structured content, resources, and links' {
        (Invoke-HeliconeMcpTool everything__echo @{ message = 'hi' }).Text | Should -Be 'Echo: hi'
        (Invoke-HeliconeMcpTool everything__get-sum @{ a = 2; b = 3 }).Text | Should -Match '\b5\b'
        (Invoke-HeliconeMcpTool everything__get-tiny-image).Content.Kind | Should -Contain 'Image'
        (Invoke-HeliconeMcpTool everything__get-structured-content @{ location = 'New York' }).StructuredContent | Should -Match 'temperature'
        (Invoke-HeliconeMcpTool everything__get-resource-reference @{ resourceType = 'Text'; resourceId = 1 }).Text | Should -Match 'Resource 1'
        (Invoke-HeliconeMcpTool everything__get-resource-links @{ count = 2 }).Text | Should -Match 'demo://'
        (Invoke-HeliconeMcpTool everything__get-annotated-message @{ messageType = 'error'; includeImage = $true }).Content.Kind | Should -Be 'Text', 'Image'
    }

    It 'reports progress' {
        $ProgressPreference = 'SilentlyContinue'
        (Invoke-HeliconeMcpTool everything__trigger-long-running-operation @{ duration = 1; steps = 2 }).Text | Should -Match 'completed'
    }

    It 'reads resources and prompts' {
        $uri = @(Get-HeliconeMcpResource | Where-Object { -not $_.IsTemplate })[0].Uri
        (Get-HeliconeMcpResource $uri -Read).Content.Count | Should -BeGreaterThan 0
        (Get-HeliconeMcpResource demo://resource/dynamic/text/7 -Server everything -Read).Content[0].Text | Should -Match '7'
        (Get-HeliconeMcpPrompt args-prompt -AsMessage -Argument @{ city = 'Oslo' }).Content | Should -Match 'Oslo'
    }

    It 'receives no keys' {
        $env:HELICONE_TEST_SECRET_KEY = 'sk-not-for-servers-1234567890'
        try {
            (Invoke-HeliconeMcpTool everything__get-env).Text | Should -Not -Match 'HELICONE|not-for-servers'
        }
        finally {
            $env:HELICONE_TEST_SECRET_KEY = $null
        }
    }

    It 'receives the roots, and no others' {
        (Invoke-HeliconeMcpTool everything__get-roots-list).Text | Should -Match ([regex]::Escape((Split-Path $work -Leaf)))
    }
}

Describe 'server-everything over HTTP' {
    BeforeAll {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $env:PORT = $listener.LocalEndpoint.Port
        $listener.Stop()
    }

    AfterAll { $env:PORT = $null }

    It 'is used over <transport>' -ForEach @{ transport = 'streamableHttp'; path = 'mcp' }, @{ transport = 'sse'; path = 'sse' } {
        $log = Join-Path $TestDrive "$transport.log"
        $service = Start-Process npx '-y', '@modelcontextprotocol/server-everything', $transport -RedirectStandardOutput $log -RedirectStandardError "$log.errors" -PassThru
        try {
            for ($i = 0; $i -lt 300 -and -not (Get-Content $log, "$log.errors" -ErrorAction Ignore | Select-String 'port'); $i++) { Start-Sleep -Milliseconds 200 }
            $null = Connect-HeliconeMcp -Uri "http://127.0.0.1:$env:PORT/$path" -Name $transport
            (Invoke-HeliconeMcpTool "${transport}__echo" @{ message = 'hi' }).Text | Should -Be 'Echo: hi'
            (Invoke-HeliconeMcpTool "${transport}__get-tiny-image").Content.Kind | Should -Contain 'Image'
        }
        finally {
            Disconnect-HeliconeMcp
            $service.Kill($true)
        }
    }
}

Describe 'Two servers and two commands' {
    It 'answer a model at once, and end with Disconnect-HeliconeMcp' {
        $memory = Connect-HeliconeMcp npx '-y', '@modelcontextprotocol/server-memory' -Environment @{ MEMORY_FILE_PATH = (Join-Path $work 'memory.json') } @slow
        $files = Connect-HeliconeMcp npx '-y', '@modelcontextprotocol/server-filesystem', '.' @slow
        $gateway = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway2/gateway.db') -ConfigPath (Join-Path $PSScriptRoot '../../samples/gateway/mcp.json')
        try {
            $gateway | Connect-Helicone -Model gpt-4o-mini
            $answer = Invoke-HeliconeChat 'Read my notes.' -Tool (@(Get-HeliconeMcpTool) + 'Get-Date', 'Get-Item') -AllowTool 'filesystem__read_*', 'memory__*'
            $answer.ToolRuns.Outcome | Should -Be 'Ran', 'Ran', 'Ran', 'Ran'
            $answer.ToolRuns[0].Result | Should -Match 'The release is on Friday'
            Get-Content (Join-Path $work 'memory.json') -Raw | Should -Match 'Oslo'
        }
        finally {
            Disconnect-HeliconeMcp
            $gateway | Stop-HeliconeGateway
        }

        foreach ($process in $memory, $files) { Get-Process -Id $process.ProcessId -ErrorAction Ignore | Should -BeNullOrEmpty }
    }
}

Describe 'server-sequential-thinking' {
    It 'returns structured content' {
        $null = Connect-HeliconeMcp npx '-y', '@modelcontextprotocol/server-sequential-thinking' @slow
        $result = Invoke-HeliconeMcpTool sequential-thinking__sequentialthinking @{ thought = 'One.'; nextThoughtNeeded = $false; thoughtNumber = 1; totalThoughts = 1 }
        $result.IsError | Should -BeFalse
        $result.Text | Should -Match 'thoughtNumber'
    }
}
