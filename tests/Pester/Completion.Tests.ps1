#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    $script:manifest = Join-Path $PSScriptRoot '../../module/Helicone.psd1'
    Import-Module $manifest -Force
    $script:prompts = $env:HELICONE_PROMPT_PATH
    $env:HELICONE_PROMPT_PATH = Join-Path $TestDrive 'prompts'
    $null = New-Item -ItemType Directory $env:HELICONE_PROMPT_PATH
    "---`ndescription: Sorts tickets.`ninputs:`n  ticket: string`n---`nSort {{ ticket }}." | Set-Content (Join-Path $env:HELICONE_PROMPT_PATH 'triage.prompt.md')
    "---`nmodel: gpt-4o`n---`nHi" | Set-Content (Join-Path $env:HELICONE_PROMPT_PATH "it's; Remove-Item x.prompt.md")

    # What a session has seen, from a gateway that is gone by the time of the first Tab.
    $script:gateway = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway.db')
    Connect-Helicone -Local -RateLimitPolicy @{ nightly = '100;w=3600;s=user' }
    $script:session = New-HeliconeSession 'Nightly triage'
    $null = Invoke-HeliconeChat 'Hi' -Session $session -UserId ada -Property @{ Team = "o'ps"; 'Cost-Center' = 'a' }
    $null = Invoke-HeliconeChat 'Hi' -UserId "eve'; Remove-Item x"
    $null = Get-HeliconeRequest
    Stop-Process -Id $gateway.ProcessId
    Wait-Process -Id $gateway.ProcessId -ErrorAction Ignore

    function Complete([string] $Line) {
        (TabExpansion2 $Line -cursorColumn $Line.Length).CompletionMatches
    }
}

AfterAll {
    $env:HELICONE_PROMPT_PATH = $script:prompts
    Remove-Module Helicone
}

Describe 'Completion with the gateway unreachable' {
    BeforeDiscovery {
        $script:cases = @(
            @{ Line = 'Invoke-HeliconeChat x -Model gpt-4o-m'; Word = 'gpt-4o-mini' }
            @{ Line = 'Invoke-HeliconeChat x -Fallback gpt-4o-mini/op'; Word = 'gpt-4o-mini/openai' }
            @{ Line = 'Invoke-HeliconeChat x -ExcludeProvider ope'; Word = 'openai' }
            @{ Line = 'Get-HeliconeModel -Author ope'; Word = 'openai' }
            @{ Line = 'Invoke-HeliconeChat x -UserId a'; Word = 'ada' }
            @{ Line = 'Get-HeliconeUser '; Word = 'ada' }
            @{ Line = 'Get-HeliconeUsage -UserId '; Word = 'ada' }
            @{ Line = 'Invoke-HeliconeChat x -Property '; Word = "@{ Team = 'o''ps' }" }
            @{ Line = 'Get-HeliconeRequest -Property Co'; Word = "@{ 'Cost-Center' = 'a' }" }
            @{ Line = 'Get-HeliconeUsage -PropertyName '; Word = 'Team' }
            @{ Line = 'Invoke-HeliconeChat x -RateLimitPolicy ni'; Word = 'nightly' }
            @{ Line = 'Invoke-HeliconeChat x -Tool Get-Proc'; Word = 'Get-Process' }
            @{ Line = 'Invoke-HeliconeChat x -Tool Get-Process -AllowTool '; Word = 'Get-Process' }
            @{ Line = 'Invoke-HeliconeChat x -DenyTool Remove-It'; Word = 'Remove-Item' }
            @{ Line = 'Enter-HeliconeChat -Tool Get-Proc'; Word = 'Get-Process' }
            @{ Line = 'Invoke-HeliconePrompt '; Word = 'triage' }
            @{ Line = 'Invoke-HeliconePrompt triage -Tick'; Word = '-ticket' }
            @{ Line = 'Invoke-HeliconeChat x -ReasoningEffort h'; Word = 'high' }
            @{ Line = 'Get-HeliconeRequest -Status fai'; Word = 'failed' }
            @{ Line = 'Get-HeliconeUsage -By M'; Word = 'Model' }
        )
    }

    It 'completes <Line>' -ForEach $cases {
        (Complete $Line).CompletionText | Should -Contain $Word
    }

    It 'completes ids of sessions with their names' {
        $match = Complete 'Get-HeliconeRequest -Session ' | Where-Object ListItemText -EQ $session.Id

        $match.ToolTip | Should -Be 'Nightly triage'
    }

    # A key press that takes longer feels broken. The fastest of several counts: a busy machine makes any of them slow, and a call of the network all of them.
    It 'takes less than 50 ms for <Line>' -ForEach $cases {
        $null = Complete $Line

        $fastest = (1..7 | ForEach-Object { (Measure-Command { Complete $Line }).TotalMilliseconds } | Measure-Object -Minimum).Minimum

        Write-Information "$([math]::Round($fastest, 1)) ms: $Line" -Tags Measured
        $fastest | Should -BeLessThan 50
    }

    It 'quotes names' {
        $users = Complete 'Get-HeliconeUsage -UserId '

        $users.CompletionText | Should -Contain "'eve''; Remove-Item x'"
        (Complete "Invoke-HeliconePrompt it").CompletionText | Should -Be "'it''s; Remove-Item x'"
    }
}

Describe 'Completion of gateways' {
    It 'offers the process ids of those that this session has started' {
        $other = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'other.db')
        try {
            $match = Complete 'Stop-HeliconeGateway -Id '

            $match.CompletionText | Should -Be "$($other.ProcessId)"
            $match.ToolTip | Should -Be "$($other.Uri)"
        }
        finally {
            $other | Stop-HeliconeGateway
        }
    }
}
