#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeDiscovery {
    # The script command of Linux makes a pseudoterminal.
    $script:hasTerminal = $IsLinux -and (Get-Command script -CommandType Application -ErrorAction Ignore)
}

BeforeAll {
    $script:module = Join-Path $PSScriptRoot '../../module/Helicone.psd1'

    @{
        scenarios = @(
            @{ match = @{ prompt = 'story' }; reply = @{ text = 'Once upon a time. ' * 500; chunkPace = '50ms' } }
            @{ match = @{ prompt = 'temperature' }; reply = @{ toolCall = @{ name = 'Get-Temperature'; arguments = @{} } } }
            @{ match = @{ prompt = 'wipe'; toolResult = '' }; reply = @{ text = 'Wiped: {{toolResult}}' } }
            @{ match = @{ prompt = 'wipe' }; reply = @{ toolCall = @{ name = 'Clear-Room'; arguments = @{} } } }
            @{ match = @{ prompt = 'what' }; reply = @{ text = 'It is **fine**.' } }
        )
    } | ConvertTo-Json -Depth 9 | Set-Content (Join-Path $TestDrive 'gateway.json')

    # A pwsh in a terminal of 80 columns, and what a person does there.
    class Terminal {
        [System.Diagnostics.Process] $Process
        [System.Text.StringBuilder] $Screen = [System.Text.StringBuilder]::new()
        [System.Threading.Tasks.Task[int]] $Reading
        [char[]] $Buffer = [char[]]::new(4096)
        [int] $Seen

        Terminal([string] $file) {
            $powershell = [Environment]::ProcessPath
            $command = if ([System.IO.Path]::GetFileNameWithoutExtension($powershell) -eq 'dotnet') { "'$powershell' exec '$(Join-Path $global:PSHOME 'pwsh.dll')'" } else { "'$powershell'" }
            $start = [System.Diagnostics.ProcessStartInfo]::new('script')
            '--quiet', '--flush', '--return', '--command', "stty cols 80 rows 40; $command -NoLogo -NoProfile -File '$file'", '/dev/null' | ForEach-Object { $start.ArgumentList.Add($_) }
            $start.Environment['TERM'] = 'xterm-256color'
            $null = $start.Environment.Remove('NO_COLOR')
            $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
            $this.Process = [System.Diagnostics.Process]::Start($start)
        }

        # Waits until a text is on the screen, behind the last one that was waited for.
        [string] WaitFor([string] $text) {
            $patience = [System.Diagnostics.Stopwatch]::StartNew()
            while ($true) {
                $at = $this.Screen.ToString().IndexOf($text, $this.Seen, [StringComparison]::Ordinal)
                if ($at -ge 0) {
                    $before = $this.Screen.ToString($this.Seen, $at - $this.Seen)
                    $this.Seen = $at + $text.Length
                    return $before
                }

                if (-not $this.Reading) {
                    $this.Reading = $this.Process.StandardOutput.ReadAsync($this.Buffer, 0, $this.Buffer.Length)
                }

                if ($this.Reading.Wait([timespan]::FromSeconds(1))) {
                    if ($this.Reading.Result -eq 0) {
                        throw "The terminal has ended, without '$text': $($this.Screen)"
                    }

                    $null = $this.Screen.Append($this.Buffer, 0, $this.Reading.Result)
                    $this.Reading = $null
                }

                if ($patience.Elapsed.TotalSeconds -gt 60) {
                    throw "'$text' never came: $($this.Screen)"
                }
            }

            return $null
        }

        [void] Type([string] $keys) {
            $this.Process.StandardInput.Write($keys)
            $this.Process.StandardInput.Flush()
        }

        [void] Close() {
            if (-not $this.Process.HasExited) {
                $this.Process.Kill($true)
            }

            $this.Process.Dispose()
        }
    }
}

Describe 'Enter-HeliconeChat in a terminal' -Skip:(-not $hasTerminal) {
    BeforeAll {
        $file = Join-Path $TestDrive 'chat.ps1'

        # Progress asks the terminal where its cursor is, and this one doesn't answer.
        @"
`$ProgressPreference = 'SilentlyContinue'
Import-Module '$module'
`$null = Start-HeliconeGateway -DatabasePath '$(Join-Path $TestDrive 'gateway/gateway.db')' -ConfigPath '$(Join-Path $TestDrive 'gateway.json')'
Connect-Helicone -Local
Set-Location '$TestDrive'
function Get-Temperature { [Console]::Out.WriteLine('measuring'); Start-Sleep -Seconds 3000 }
function Clear-Room { 'clean' }
`$conversation = Enter-HeliconeChat -PassThru
"turns `$(`$conversation.TurnCount), Ctrl+C is a key: `$([Console]::TreatControlCAsInput)"
"@ | Set-Content $file
        $script:terminal = [Terminal]::new($file)
        $null = $terminal.WaitFor('gpt-4o-mini> ')
    }

    AfterAll {
        $terminal.Close()
    }

    It 'sends a sentence with an apostrophe, and renders the answer' {
        $terminal.Type("what's up")
        $null = $terminal.WaitFor("what's up")
        $terminal.Type("`r")

        $null = $terminal.WaitFor("It is `e[0;1mfine`e[0m.")
        $null = $terminal.WaitFor('gpt-4o-mini> ')
    }

    It 'ends an answer at Ctrl+C, and goes on' {
        $terminal.Type("a story`r")
        $null = $terminal.WaitFor('Once upon a time')
        $terminal.Type([string] [char] 3)

        $null = $terminal.WaitFor('Stopped.')
        $null = $terminal.WaitFor('gpt-4o-mini> ')
        $terminal.Type("what now`r")
        $null = $terminal.WaitFor('tokens')
        $null = $terminal.WaitFor('gpt-4o-mini> ')
    }

    It 'completes commands and paths with Tab' {
        $terminal.Type("/mod`t")
        $null = $terminal.WaitFor('/model')
        $terminal.Type([string] [char] 3)
        $null = $terminal.WaitFor('^C')
        $terminal.Type("/file gate`t")

        # The folder of the gateway's data has the same beginning.
        $null = $terminal.WaitFor('gateway.json')
        $terminal.Type([string] [char] 3)
        $null = $terminal.WaitFor('^C')
    }

    It 'recalls a message, and keeps a pasted one together' {
        $null = $terminal.WaitFor('gpt-4o-mini> ')
        $terminal.Type("`e[A`e[A")
        $null = $terminal.WaitFor('a story')
        $terminal.Type([string] [char] 3)
        $null = $terminal.WaitFor('^C')
        $null = $terminal.WaitFor('gpt-4o-mini> ')
        $terminal.Type("`e[200~what is`rthis?`e[201~")
        $null = $terminal.WaitFor('this?')
        $terminal.Type("`r")
        $null = $terminal.WaitFor('tokens')
        $null = $terminal.WaitFor('gpt-4o-mini> ')
    }

    It 'ends a tool at Ctrl+C while it runs, and goes on with the conversation' {
        $terminal.Type("/tool Get-Temperature, Clear-Room`r")
        $null = $terminal.WaitFor('Clear-Room: unknown')
        $null = $terminal.WaitFor('gpt-4o-mini> ')
        $terminal.Type("the temperature`r")
        $null = $terminal.WaitFor('measuring')
        $terminal.Type([string] [char] 3)

        $null = $terminal.WaitFor('Stopped. The results of the tools are in the conversation.')
        $null = $terminal.WaitFor('gpt-4o-mini> ')
        $terminal.Type("/undo`r")
        $null = $terminal.WaitFor('are removed.')
        $null = $terminal.WaitFor('gpt-4o-mini> ')
    }

    It 'ends an answer at Ctrl+C in the question about a tool, and keys that were typed before don''t answer it' {
        $terminal.Type("wipe it`ry`r")
        $null = $terminal.WaitFor('(default is "N"): ')
        $terminal.Type([string] [char] 3)

        $null = $terminal.WaitFor('Stopped.')
        $terminal.WaitFor('gpt-4o-mini> ') | Should -Not -Match 'Clear-Room ran'
    }

    It 'runs a tool that was approved' {
        $terminal.Type([string] [char] 3)
        $null = $terminal.WaitFor('gpt-4o-mini> ')
        $terminal.Type("/undo`r")
        $null = $terminal.WaitFor('gpt-4o-mini> ')
        $terminal.Type("wipe it`r")
        $null = $terminal.WaitFor('(default is "N"): ')
        $terminal.Type("y`r")

        $null = $terminal.WaitFor('Clear-Room ran in')
        $null = $terminal.WaitFor('Wiped: ')
        $null = $terminal.WaitFor('gpt-4o-mini> ')
        $terminal.Type("/undo`r")
        $null = $terminal.WaitFor('gpt-4o-mini> ')
    }

    It 'ends with /exit, and leaves the console as it was' {
        $terminal.Type("/exit`r")

        $null = $terminal.WaitFor('turns 3, Ctrl+C is a key: False')
    }
}

Describe 'Enter-HeliconeChat where nobody types' {
    It 'ends with one clear error in <Where>' -ForEach @(
        @{ Where = 'a job'; Start = { param($module) Start-Job { Import-Module $using:module; Connect-Helicone -ApiKey 'sk-helicone-q7w3e5r-t9y2u4i-o6p8a1s-d3f5g7h'; Enter-HeliconeChat } | Receive-Job -Wait -AutoRemoveJob -ErrorVariable +problems -ErrorAction SilentlyContinue 6>$null } }
        @{ Where = 'a thread job'; Start = { param($module) Start-ThreadJob { Import-Module $using:module; Connect-Helicone -ApiKey 'sk-helicone-q7w3e5r-t9y2u4i-o6p8a1s-d3f5g7h'; Enter-HeliconeChat } | Receive-Job -Wait -AutoRemoveJob -ErrorVariable +problems -ErrorAction SilentlyContinue 6>$null } }
    ) {
        $problems = @()

        . $Start $module

        @($problems).FullyQualifiedErrorId | Should -BeLike 'HeliconeNotInteractive*'
    }
}

# The recording is made in tmux.
if ($IsLinux -and (Get-Command tmux -CommandType Application -ErrorAction Ignore)) {
    Describe 'docs/enter-helicone-chat.md' {
        It 'is what terminals of 80 and 200 columns show' {
            $file = Join-Path $TestDrive 'chat.md'

            & (Join-Path $PSScriptRoot 'Recording/Write-ChatRecording.ps1') -Path $file

            # To accept a change: pwsh -File tests/Pester/Recording/Write-ChatRecording.ps1
            Get-Content $file | Should -Be (Get-Content (Join-Path $PSScriptRoot '../../docs/enter-helicone-chat.md'))
            Get-Content $file -Raw | Should -Not -Match "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f]"
        }
    }
}
