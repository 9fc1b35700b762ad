#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeDiscovery {
    # What one would write by hand. 's' is a string, 's[]' a list of them; '!' marks what is required.
    $schemas = @(
        @{ Command = 'Get-Process'; Wanted = 'Name s[], Module b, FileVersionInfo b' }
        @{ Command = 'Stop-Process'; Wanted = 'Id! i[], PassThru b, Force b' }
        @{ Command = 'Get-ChildItem'; Wanted = 'Path s[], Filter s, Include s[], Exclude s[], Recurse b, Depth i, Force b, Name b' }
        @{ Command = 'Get-Content'; Wanted = 'ReadCount i, TotalCount i, Tail i, Path! s[], Filter s, Include s[], Exclude s[], Force b' }
        @{ Command = 'Set-Content'; Wanted = 'Value! any[], PassThru b, Path! s[], Filter s, Include s[], Exclude s[], Force b' }
        @{ Command = 'Remove-Item'; Wanted = 'Path! s[], Filter s, Include s[], Exclude s[], Recurse b, Force b' }
        @{ Command = 'Copy-Item'; Wanted = 'Path! s[], Destination s, Container b, Force b, Filter s, Include s[], Exclude s[], Recurse b, PassThru b' }
        @{ Command = 'Rename-Item'; Wanted = 'Path! s, NewName! s, Force b, PassThru b' }
        @{ Command = 'New-Item'; Wanted = 'Path! s[], ItemType s, Value any, Force b' }
        @{ Command = 'Get-Item'; Wanted = 'Path! s[], Filter s, Include s[], Exclude s[], Force b' }
        @{ Command = 'Test-Path'; Wanted = 'Path! s[], Filter s, Include s[], Exclude s[], PathType Any|Container|Leaf, IsValid b' }
        @{ Command = 'Get-Date'; Wanted = 'Date s, Year i, Month i, Day i, Hour i, Minute i, Second i, Millisecond i, DisplayHint Date|Time|DateTime, Format s, AsUTC b' }
        @{ Command = 'Get-Random'; Wanted = 'SetSeed i, Maximum any, Minimum any, Count i' }
        @{ Command = 'Measure-Object'; Wanted = 'InputObject any, Property s[], StandardDeviation b, Sum b, AllStats b, Average b, Maximum b, Minimum b' }
        @{ Command = 'Sort-Object'; Wanted = 'Stable b, Descending b, Unique b, InputObject any, Property any[], Culture s, CaseSensitive b' }
        @{ Command = 'Where-Object'; Wanted = 'InputObject any, Property! s, Value any, EQ b' }
        @{ Command = 'Group-Object'; Wanted = 'NoElement b, AsHashTable b, AsString b, InputObject any, Property any[], Culture s, CaseSensitive b' }
        @{ Command = 'ConvertTo-Json'; Wanted = 'InputObject! any, Depth i, Compress b, EnumsAsStrings b, AsArray b, EscapeHandling Default|EscapeNonAscii|EscapeHtml' }
        @{ Command = 'Get-Location'; Wanted = 'PSProvider s[], PSDrive s[]' }
        @{ Command = 'Join-Path'; Wanted = 'Path! s[], ChildPath! s[], AdditionalChildPath s[], Resolve b' }
        @{ Command = 'Split-Path'; Wanted = 'Path! s[], Parent b, Resolve b' }
        @{ Command = 'Get-History'; Wanted = 'Id i[], Count i' }
        @{ Command = 'Get-Module'; Wanted = 'Name s[], FullyQualifiedName s[], All b' }
        @{ Command = 'Start-Sleep'; Wanted = 'Seconds! n' }
        @{ Command = 'Write-Output'; Wanted = 'InputObject! any, NoEnumerate b' }
        @{ Command = 'Get-FileHash'; Wanted = 'Path! s[], Algorithm SHA1|SHA256|SHA384|SHA512|MD5' }
        @{ Command = 'Get-Alias'; Wanted = 'Name s[], Exclude s[], Scope s' }
        @{ Command = 'Get-Variable'; Wanted = 'Name s[], ValueOnly b, Include s[], Exclude s[], Scope s' }
        @{ Command = 'Get-PSDrive'; Wanted = 'Name s[], Scope s, PSProvider s[]' }
        @{ Command = 'Get-Unique'; Wanted = 'InputObject any, AsString b, CaseInsensitive b' }
        @{ Command = 'Invoke-Command'; Wanted = 'ThrottleLimit i, AsJob b, HideComputerName b, JobName s, FilePath! s, RemoteDebug b, InputObject any, ArgumentList any[]' }
    )
}

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../module/Helicone.psd1') -Force
    $configuration = Join-Path $TestDrive 'gateway.json'
    @'
{
  "scenarios": [
    { "match": { "turn": 1, "prompt": { "regex": "^call (?<name>\\S+) (?<arguments>.*)$" } }, "reply": { "toolCall": { "name": "{{match:name}}", "arguments": "{{match:arguments}}" } } },
    { "match": { "toolResult": "", "prompt": "call Get-" }, "reply": { "text": "{{toolResult}}" } },
    { "match": { "prompt": "weather", "tools": "Get-Weather" }, "replies": [
      { "text": "I look it up.", "toolCalls": [ { "name": "Get-Weather", "arguments": { "City": "Oslo" } }, { "name": "Get-Weather", "arguments": { "City": "Rome", "Days": 2 } } ] },
      { "text": "Rome: {{toolResult}}" } ] },
    { "match": { "prompt": "forever" }, "reply": { "toolCall": { "name": "Get-Weather", "arguments": { "City": "Oslo" } } } },
    { "match": { "toolResult": "" }, "reply": { "text": "{{toolResult}}" } }
  ]
}
'@ | Set-Content $configuration
    $gateway = Start-HeliconeGateway -ConfigPath $configuration -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db')
    $gateway | Connect-Helicone

    function Get-Weather {
        <#
        .SYNOPSIS
        Reads the weather of a city.
        .PARAMETER City
        The name of the city.
        #>
        param([Parameter(Mandatory)] [string] $City, [ValidateRange(1, 14)] [int] $Days = 1)
        "$City $Days"
    }

    enum Color { Red; Green }
    class Address { [string] $Street; [int] $Zip }

    function Get-Outline($tool) {
        $schema = $tool.Schema | ConvertFrom-Json -AsHashtable
        $letters = @{ string = 's'; boolean = 'b'; integer = 'i'; number = 'n'; object = 'o' }
        $one = { param($p) if ($p.enum) { $p.enum -join '|' } elseif ($p.type -eq 'array') { "$(& $one $p.items)[]" } elseif ($p.type) { $letters[$p.type] } else { 'any' } }
        ($schema.properties.GetEnumerator() | ForEach-Object { "$($_.Key)$(if ($_.Key -in $schema.required) { '!' }) $(& $one $_.Value)" }) -join ', '
    }
}

AfterAll {
    Remove-Module Helicone
}

Describe 'The schema of <Command>' -ForEach $schemas {
    It 'is what one would write by hand' {
        $actual = (Get-Outline (New-HeliconeTool $Command)) -split ', ' | Sort-Object
        # Later versions of PowerShell have more parameters, and none may be missing.
        ($Wanted -split ', ' | Sort-Object | Where-Object { $_ -notin $actual }) | Should -BeNullOrEmpty -Because ($actual -join ', ')
    }
}

Describe 'The schema of your own commands' {
    It 'has types, limits, and descriptions' {
        (New-HeliconeTool Get-Weather).Schema | Should -Be '{"type":"object","properties":{"City":{"type":"string","description":"The name of the city."},"Days":{"type":"integer","minimum":1,"maximum":14}},"required":["City"],"additionalProperties":false}'
        (New-HeliconeTool Get-Weather).Description | Should -Be 'Reads the weather of a city.'
    }

    It 'leaves out code and secrets, and knows classes and enumerations' {
        $tool = New-HeliconeTool {
            param([Color] $Color, [Address] $Where, [scriptblock] $Code, [pscredential] $Credential, [securestring] $Secret, [hashtable] $Table, [int[]] $Numbers,
                [Diagnostics.Process] $Process, [switch] $On, [ValidateSet('a', 'b')] [string[]] $Set, [ValidateCount(1, 3)] [string[]] $Count)
        }
        Get-Outline $tool | Should -Be 'Color Red|Green, Where o, Table o, Numbers i[], On b, Set a|b[], Count s[]'
        $tool.Schema | Should -BeLike '*"Where":{"type":"object","properties":{"Street":{"type":"string"},"Zip":{"type":"integer"}},"additionalProperties":false}*'
        $tool.Schema | Should -BeLike '*"minItems":1,"maxItems":3*'
    }

    It 'has the parameters that are named, and no others' {
        Get-Outline (New-HeliconeTool Get-Process -Parameter Name, Id) | Should -Be 'Name s[], Id i[]'
        Get-Outline (New-HeliconeTool Stop-Process -Parameter Name) | Should -Be 'Name! s[]'
        { New-HeliconeTool Get-Process -Parameter Nope -ErrorAction Stop } | Should -Throw -ErrorId 'HeliconeInvalidTool,*'
        { New-HeliconeTool Get-Process -Parameter Verbose -ErrorAction Stop } | Should -Throw -ErrorId 'HeliconeInvalidTool,*'
        { New-HeliconeTool Copy-Item -Parameter Recurse -ErrorAction Stop } | Should -Throw -ErrorId 'HeliconeInvalidTool,*'
    }

    It 'refuses native programs' {
        $program = (Get-Command -CommandType Application | Select-Object -First 1).Name
        { New-HeliconeTool $program -ErrorAction Stop } | Should -Throw -ErrorId 'HeliconeInvalidTool,*' -ExpectedMessage '*native program*'
    }
}

Describe 'The loop' {
    It 'runs what the model calls until it answers, and logs each run in the session' {
        $session = New-HeliconeSession 'Weather'
        $answer = Invoke-HeliconeChat 'How is the weather?' -Tool Get-Weather -Session $session

        $answer.Content | Should -Be 'Rome: {"output":["Rome 2"]}'
        $answer.ToolRuns.Result | Should -Be '{"output":["Oslo 1"]}', '{"output":["Rome 2"]}'
        $answer.RoundCount | Should -Be 2
        $answer.Conversation.Messages.Role | Should -Be 'user', 'assistant', 'tool', 'tool', 'assistant'
        $rows = Get-HeliconeRequest -Session $session
        ($rows | Where-Object Model -EQ 'tool:Get-Weather') | Should -HaveCount 2
        ($rows | Where-Object Model -EQ 'tool:Get-Weather').SessionPath | Should -Be '/Get-Weather', '/Get-Weather'
    }

    It 'streams the text of each round' {
        $chunks = Invoke-HeliconeChat 'How is the weather?' -Tool Get-Weather -Stream
        (-join $chunks.Text) | Should -Be 'I look it up.Rome: {"output":["Rome 2"]}'
        $chunks[-1].Completion.ToolRuns | Should -HaveCount 2
    }

    It 'runs for each item, and from a journal runs nothing again' {
        $journal = Join-Path $TestDrive 'run.jsonl'
        $script:runs = 0
        $tool = New-HeliconeTool { param($City, $Days) $script:runs++; 'fine' } -Name Get-Weather
        $first = 'weather 1', 'weather 2' | Invoke-HeliconeChat -Tool $tool -AllowTool * -Journal $journal
        $second = 'weather 1', 'weather 2' | Invoke-HeliconeChat -Tool $tool -AllowTool * -Journal $journal

        $first.Content | Should -Be 'Rome: {"output":["fine"]}', 'Rome: {"output":["fine"]}'
        $second.Content | Should -Be $first.Content

        # The first item of a run asks again whether the offline stand-in still answers.
        $second[1].FromJournal | Should -Be $true
        $script:runs | Should -Be 6
    }

    It 'ends when a model asks forever' {
        Invoke-HeliconeChat 'forever' -Tool Get-Weather -MaxToolRound 2 -ErrorVariable problem -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'HeliconeToolRoundLimit,*'
        $problem[0].Exception.Completion.ToolRuns.Outcome | Should -Be 'Ran', 'Ran', 'Refused'
    }

    It 'stops a command that takes too long' {
        $answer = Invoke-HeliconeChat 'call Start-Sleep {"Seconds":600}' -Tool Start-Sleep -AllowTool * -ToolTimeoutSec 1
        $answer.ToolRuns.Outcome | Should -Be 'TimedOut'
    }

    It 'never runs text: <Text>' -ForEach @(
        @{ Text = 'x; New-Item pwned' }, @{ Text = '$(New-Item pwned)' }, @{ Text = 'x\" | New-Item pwned' }
    ) {
        Push-Location $TestDrive
        $answer = Invoke-HeliconeChat "call Get-Weather {`"City`":`"$Text`"}" -Tool Get-Weather
        Pop-Location
        $answer.ToolRuns.Outcome | Should -Be 'Ran'
        Join-Path $TestDrive 'pwned' | Should -Not -Exist
    }

    It 'changes nothing with -WhatIf, and refuses where no one can be asked' {
        $file = New-Item (Join-Path $TestDrive 'kept.txt')
        $call = "call Remove-Item $(@{ Path = $file.FullName } | ConvertTo-Json -Compress)"
        (Invoke-HeliconeChat $call -Tool Remove-Item -ToolMode WhatIf).ToolRuns.Outcome | Should -Be 'WhatIf'
        $file | Should -Exist
        (Invoke-HeliconeChat $call -Tool Remove-Item -DenyTool Remove-* -AllowTool *).ToolRuns.Outcome | Should -Be 'Denied'
        $file | Should -Exist
        (Invoke-HeliconeChat $call -Tool Remove-Item -AllowTool Remove-Item).ToolRuns.Outcome | Should -Be 'Ran'
        $file | Should -Not -Exist
    }

    It 'refuses in a process that no one watches: <Options>' -ForEach @(
        @{ Options = '-NonInteractive' }, @{ Options = '' }
    ) {
        $file = New-Item (Join-Path $TestDrive 'watched.txt') -Force
        $script = Join-Path $TestDrive 'unattended.ps1'
        @"
Import-Module '$(Join-Path $PSScriptRoot '../../module/Helicone.psd1')'
Connect-Helicone -GatewayUri $($gateway.Uri) -ApiKey $($gateway.ApiKey | ConvertFrom-SecureString -AsPlainText)
(Invoke-HeliconeChat 'call Remove-Item $(@{ Path = $file.FullName } | ConvertTo-Json -Compress)' -Tool Remove-Item).ToolRuns.Outcome
"@ | Set-Content $script
        $pwsh = (Get-Process -Id $PID).Path
        $arguments = @(if ([IO.Path]::GetFileNameWithoutExtension($pwsh) -eq 'dotnet') { Join-Path $PSHOME 'pwsh.dll' }) + '-NoProfile' + @($Options -split ' ' | Where-Object { $_ }) + '-File' + $script
        $output = @($null | & $pwsh $arguments)

        $output[-1] | Should -Match '(Refused|Denied)$'
        $file | Should -Exist
    }
}
