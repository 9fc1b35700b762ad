#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# Every example of Get-Help is run as it is written: against a local gateway, in a runspace and a folder of its own.
# So are the recipes of the README and the examples of the about topics, one after the other in one runspace, as a reader runs them.

BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot '../../module/Helicone.psd1')
    $examples = foreach ($command in Get-Command -Module Helicone -CommandType Cmdlet) {
        foreach ($example in (Get-Help $command.Name).examples.example) {
            @{ Command = $command.Name; Title = $example.title.Trim(' ', '-'); Code = $example.code; IsTest = $example.code -cmatch '^It ' }
        }
    }
    $readme = (Get-Content (Join-Path $PSScriptRoot '../../README.md') -Raw) -replace '\r' -replace '(?s)^.*\n## Recipes\n' -replace '(?s)\n## .*$'
    $recipes = foreach ($recipe in [regex]::Matches($readme, '(?s)(?<title>[^\n]+)\n```powershell\n(?<code>.*?)```')) {
        # Windows and macOS always have something that opens web pages, and would.
        if (-not $IsLinux -and $recipe.Groups['code'].Value -match 'Open-HeliconeDashboard') { continue }
        @{ Title = $recipe.Groups['title'].Value.TrimEnd(':'); Code = $recipe.Groups['code'].Value }
    }

    # What an example of a topic needs that a test can't have. These examples are only parsed and bound.
    $unrunnable = @(
        @{ Pattern = 'Get-Secret|-GatewayUri https|<key>'; Why = 'it needs an account or servers' }
        @{ Pattern = 'gpt-4o/openai'; Why = 'it shows the error of a missing key' }
        @{ Pattern = '-Port 8787|python'; Why = 'it needs a free port, or Python' }
        @{ Pattern = 'Restart-Service'; Why = 'it restarts a service' }
        @{ Pattern = 'TestDrive|Should'; Why = 'it is a test' }
        @{ Pattern = 'gateway\.json'; Why = 'the file follows the command' }
    )
    $blocks = foreach ($file in Get-ChildItem (Join-Path $PSScriptRoot '../../module/en-US') -Filter about_*.help.txt) {
        foreach ($block in [regex]::Matches(((Get-Content $file -Raw) -replace '\r'), '(?m)(?:^ {8}\S.*\n(?:^ {8}.*\n)*)')) {
            $code = $block.Value -replace '(?m)^ {8}'
            if ($code -cnotmatch '\b[A-Z]\w+-Helicone' -or ($code -cmatch '^[a-z{"]' -and $code -notmatch '^try')) { continue }
            @{ Topic = $file.Name -replace '\.help\.txt$'; Title = ($code -split "`n")[0]; Code = $code; Why = ($unrunnable | Where-Object { $code -match $_.Pattern } | Select-Object -First 1).Why }
        }
    }
    $topics = @{ Topic = 'about_Helicone' }, @{ Topic = 'about_Helicone_CI' }, @{ Topic = 'about_Helicone_LocalGateway' }, @{ Topic = 'about_Helicone_Mcp' }, @{ Topic = 'about_Helicone_Offline' }, @{ Topic = 'about_Helicone_Prompts' }, @{ Topic = 'about_Helicone_Shapes' }, @{ Topic = 'about_Helicone_Tools' }
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../module/Helicone.psd1')
    $script:providers = @(Get-ChildItem Env: | Where-Object Name -Match '_API_KEY$|_BASE_URL$')
    $script:providers | ForEach-Object { Remove-Item "Env:$($_.Name)" }

    # What examples start by themselves keeps its calls here, not in the log of who runs this.
    $script:data = $env:XDG_DATA_HOME
    $env:XDG_DATA_HOME = Join-Path $TestDrive 'data'

    # The MCP servers of the examples: a program that npx would run, and a service.
    . (Join-Path $PSScriptRoot 'McpTestServer.ps1')
    $script:path = $env:PATH
    $env:PATH = (New-McpProgram 'npx' (New-Item -ItemType Directory (Join-Path $TestDrive 'npx')).FullName) + [IO.Path]::PathSeparator + $env:PATH
    $script:mcpService = Start-McpService
    $env:TICKETS_MCP_URI = $script:mcpService.Address
    $null = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db') -SetEnvironment
    $script:variables = @(Get-ChildItem Env:)

    # A person who types /exit: Enter-HeliconeChat ends at once.
    Add-Type -TypeDefinition (Get-Content (Join-Path $PSScriptRoot 'Recording/SilentHost.cs') -Raw)

    function New-Shell {
        $folder = New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))
        Set-Content (Join-Path $folder '.env') 'HELICONE_API_KEY=sk-helicone-abcdefg-hijklmn-opqrstu-vwxyz12'
        Set-Content (Join-Path $folder 'app.log') '03:12 ERROR disk full on /var', '03:13 INFO retry'
        Set-Content (Join-Path $folder 'titles.txt') 'Disk full', 'Backup done'
        Set-Content (Join-Path $folder 'prompts.txt') 'What is DNS?', 'What is TLS?'
        Set-Content (Join-Path $folder 'tickets.csv') 'Id,Text,Title,Owner,Team', '1,disk full,Disk,ann,storage', '2,new mouse,Mouse,bob,desk'
        Set-Content (Join-Path $folder 'runbook.md') '# Disk full', 'Clear /var/log.'
        Set-Content (Join-Path $folder 'diff.txt') '+ Retry twice.'
        Set-Content (Join-Path $folder 'report.txt') 'All backups are done.'
        Set-Content (Join-Path $folder 'scenarios.json') '{ "match": { "prompt": "disk" }, "reply": { "text": "Clear /var/log." } }'
        [pscustomobject] @{ Text = 'an answer' } | Export-Clixml (Join-Path $folder 'answers.xml')

        Set-Content (Join-Path $folder '.mcp.json') '{ "mcpServers": { "files": { "command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "."] } } }'

        $prepare = {
            param($module, $folder)
            Import-Module $module
            Set-Location $folder
            function global:Get-Secret { ConvertTo-SecureString 'sk-helicone-abcdefg-hijklmn-opqrstu-vwxyz12' -AsPlainText -Force }
        }
        $shell = [powershell]::Create()
        $shell.Runspace = [runspacefactory]::CreateRunspace([SilentHost]::new(), [initialsessionstate]::CreateDefault())
        $shell.Runspace.Open()
        $null = $shell.AddScript($prepare).AddArgument((Join-Path $PSScriptRoot '../../module/Helicone.psd1')).AddArgument($folder.FullName).Invoke()
        $shell
    }

    function Assert-Clean($shell, $code) {
        $shell.Commands.Clear()
        $null = $shell.AddScript($code).Invoke()
        $shell.Streams.Error | ForEach-Object { "$_" } | Should -BeNullOrEmpty
        $shell.Streams.Warning | ForEach-Object { "$_" } | Should -BeNullOrEmpty
    }
}

AfterAll {
    Stop-HeliconeGateway
    Stop-McpService $script:mcpService
    $env:PATH = $script:path
    $env:TICKETS_MCP_URI = $null
    $env:XDG_DATA_HOME = $script:data
    $script:providers | ForEach-Object { Set-Item "Env:$($_.Name)" $_.Value }
}

Describe 'The example of <Command>: <Title>' -ForEach $examples {
    AfterEach {
        Get-ChildItem Env: | Where-Object Name -NotIn $script:variables.Name | ForEach-Object { Remove-Item "Env:$($_.Name)" }
        $script:variables | ForEach-Object { Set-Item "Env:$($_.Name)" $_.Value }
    }

    It 'runs without an error' {
        $shell = New-Shell
        try {
            if ($IsTest) {
                # A test in a test file: its calls and assertions are run by CI.Tests.ps1.
                [scriptblock]::Create($Code) | Should -Not -BeNullOrEmpty
                return
            }

            if ($Command -eq 'Assert-HeliconeAnswer') {
                # What a model would answer, and a judge.
                Assert-Clean $shell "Connect-Helicone -Offline -Model gpt-4o-mini -Scenario @{ match = @{ prompt = 'safe' }; reply = @{ text = '{`"reason`":`"They only list files.`",`"verdict`":`"pass`"}' } }, @{ match = @{ prompt = 'Classify' }; reply = @{ text = '{`"Severity`":`"error`"}' } }"
            }

            Assert-Clean $shell $Code
        }
        finally {
            $shell.Runspace.Dispose()
            $shell.Dispose()
        }
    }
}

Describe 'The recipes of the README' {
    BeforeAll {
        $script:reader = New-Shell

        # Nothing that opens web pages: the links are given out instead.
        'DISPLAY', 'WAYLAND_DISPLAY', 'BROWSER' | ForEach-Object { Set-Item "Env:$_" $null }
    }

    AfterAll {
        $script:reader.Runspace.Dispose()
        $script:reader.Dispose()
        $script:variables | ForEach-Object { Set-Item "Env:$($_.Name)" $_.Value }
    }

    It '<Title>' -ForEach $recipes {
        Assert-Clean $script:reader $Code
    }
}

Describe 'The examples of <Name>' -ForEach ($blocks | Group-Object { $_.Topic } | ForEach-Object { @{ Name = $_.Name; Blocks = $_.Group } }) {
    BeforeAll {
        $script:topicReader = New-Shell
        'DISPLAY', 'WAYLAND_DISPLAY', 'BROWSER' | ForEach-Object { Set-Item "Env:$_" $null }
        Assert-Clean $script:topicReader @'
Set-Content lines.txt 'Good morning', 'Good night'
Set-Content texts.csv 'text', 'Good morning'
New-HeliconePrompt translate 'Translate into {{ language }}: {{ text }}' | Out-Null
(Get-Content prompts/translate.prompt.md -Raw) -replace '(?s)inputs:.*?---', "inputs:`n  text: string`n  language:`n    enum: [French, German, Norwegian]`n    default: French`n---" | Set-Content prompts/translate.prompt.md
$session = New-HeliconeSession 'Nightly triage' -Path /triage
$answer = Invoke-HeliconeChat 'Hello'
'@
    }

    AfterAll {
        $script:topicReader.Runspace.Dispose()
        $script:topicReader.Dispose()
        Get-ChildItem Env: | Where-Object Name -NotIn $script:variables.Name | ForEach-Object { Remove-Item "Env:$($_.Name)" }
        $script:variables | ForEach-Object { Set-Item "Env:$($_.Name)" $_.Value }
    }

    It 'uses commands and parameters that exist: <Title>' -ForEach $Blocks {
        $problems = $null
        $script = [System.Management.Automation.Language.Parser]::ParseInput($Code, [ref] $null, [ref] $problems)
        if ($Why -ne 'the file follows the command') { $problems | Should -BeNullOrEmpty }
        foreach ($command in $script.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
            if ("$($command.GetCommandName())" -notlike '*-Helicone*') { continue }
            $info = Get-Command $command.GetCommandName() -ErrorAction Stop
            foreach ($parameter in $command.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] }) {
                # Tools of prompts and inputs of prompt files are parameters, too.
                if ($info.Name -eq 'Invoke-HeliconePrompt' -and $parameter.ParameterName -cmatch '^[a-z]') { continue }
                $info.Parameters.Keys | Should -Contain $parameter.ParameterName -Because $Code
            }
        }
    }

    It 'runs without an error: <Title>' -ForEach ($Blocks | Where-Object { -not $_.Why }) {
        Assert-Clean $script:topicReader $Code
    }
}

Describe 'The help of <Name>' -ForEach (Get-Command -Module Helicone -CommandType Cmdlet | ForEach-Object { @{ Name = $_.Name } }) {
    It 'has no empty section' {
        $lines = @((Get-Help $Name -Full | Out-String -Width 200) -split '\r?\n' | ForEach-Object TrimEnd)
        $headings = @(for ($i = 0; $i -lt $lines.Count; $i++) { if ($lines[$i] -cmatch '^[A-Z][A-Z ]+$') { $i } })

        $headings.Count | Should -BeGreaterThan 5
        foreach ($heading in $headings) {
            $next = $lines[($heading + 1)..($lines.Count - 1)] | Where-Object { $_ } | Select-Object -First 1
            "$next" | Should -Match '^\s' -Because "$($lines[$heading]) is empty"
        }
    }
}

Describe 'The topic <Topic>' -ForEach $topics {
    It 'is shown by Get-Help' {
        (Get-Help $Topic | Out-String) | Should -Match $Topic
    }
}
