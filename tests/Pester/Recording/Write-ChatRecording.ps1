<#
.SYNOPSIS
Records a chat in terminals of 80 and 200 columns, and writes docs/enter-helicone-chat.md.

.DESCRIPTION
Runs pwsh in tmux, types what a person types, and takes the text that is on the screen in the end. Colors aren't in it. Durations of calls are
replaced by 250 ms.

.PARAMETER Path
The file to write.

.EXAMPLE
pwsh -File tests/Pester/Recording/Write-ChatRecording.ps1
#>
[CmdletBinding()]
param(
    [string] $Path = (Join-Path $PSScriptRoot '../../../docs/enter-helicone-chat.md')
)

$ErrorActionPreference = 'Stop'

# PowerShell as a .NET tool has no program of its own.
$powershell = [Environment]::ProcessPath
$command = if ([System.IO.Path]::GetFileNameWithoutExtension($powershell) -eq 'dotnet') { "'$powershell' exec '$(Join-Path $PSHOME 'pwsh.dll')'" } else { "'$powershell'" }

function Get-Screen {
    (tmux capture-pane -p -J -S - -t $session | ForEach-Object TrimEnd) -join "`n"
}

# Waits until a text is the end of the screen, or anywhere on it.
function Wait-Screen([string] $Text, [switch] $Anywhere) {
    $patience = [System.Diagnostics.Stopwatch]::StartNew()
    while (-not ($Anywhere ? (Get-Screen).Contains($Text) : (Get-Screen).TrimEnd().EndsWith($Text))) {
        if ($patience.Elapsed.TotalSeconds -gt 60) {
            throw "'$Text' isn't the end of the screen: $(Get-Screen)"
        }

        Start-Sleep -Milliseconds 100
    }
}

function Send-Key([string] $Key) {
    tmux send-keys -t $session $Key
}

function Send-Text([string] $Text) {
    tmux send-keys -t $session -l -- $Text
}

function Get-Recording([int] $Width) {
    $script:session = "helicone-chat-$Width-$PID"
    $folder = [System.IO.Directory]::CreateTempSubdirectory('helicone-chat-').FullName
    Set-Content (Join-Path $folder 'app.log') '03:11 INFO start', '03:12 ERROR timeout on web-1'
    [System.IO.File]::WriteAllBytes((Join-Path $folder 'pixel.png'), [Convert]::FromBase64String('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='))
    @"
Import-Module '$(Join-Path $PSScriptRoot '../../../module/Helicone.psd1')'
`$null = Start-HeliconeGateway -DatabasePath '$folder/gateway/gateway.db' -ConfigPath '$(Join-Path $PSScriptRoot '../../../samples/gateway/chat.json')'
Connect-Helicone -Local
Set-Location '$folder'
function prompt { 'PS> ' }
function Compress-Log { param([string] `$Path) "`$Path is `$((Get-Item `$Path).Length) bytes smaller." }
Clear-Host
"@ | Set-Content (Join-Path $folder 'profile.ps1')

    tmux new-session -d -s $session -x $Width -y 150 "$command -NoLogo -NoProfile -NoExit -File '$folder/profile.ps1'"
    try {
        Wait-Screen 'PS>'
        Send-Text 'Enter-HeliconeChat -System "Be brief." -MaxCost 0.10'
        Send-Key Enter
        Wait-Screen 'gpt-4o-mini>'
        foreach ($step in @(
                @{ Text = "What's to do when a disk is full?" }
                @{ Text = 'Tell me a story.'; Stop = 'Once upon a time' }
                @{ Text = '/file app.log'; Prompt = 'gpt-4o-mini [1 attachment]>' }
                @{ Text = '/image pix'; Tab = './pixel.png'; Prompt = 'gpt-4o-mini [2 attachments]>' }
                @{ Text = "What's in the attached files?" }
                @{ Text = 'Now be hostile.' }
                @{ Text = '/undo' }
                @{ Text = '/save chat.jsonl' }
                @{ Text = '/clear' }
                @{ Text = '/load chat.jsonl' }
                @{ Text = '/retry' }
                @{ Text = '/tool Compress-Log' }
                @{ Text = 'Make some room, please.'; Answer = 'y' }
                @{ Text = '/tool off' }
                @{ Text = '/model gpt-4o/openai'; Prompt = 'gpt-4o/openai>' }
                @{ Text = '/session Nightly triage'; Prompt = 'gpt-4o/openai>' }
                @{ Text = '/cost'; Prompt = 'gpt-4o/openai>' }
                @{ Text = '/help'; Prompt = 'gpt-4o/openai>' }
                @{ Text = '/exit'; Prompt = 'PS>' }
            )) {
            Send-Text $step.Text
            Wait-Screen $step.Text
            if ($step.Tab) {
                Send-Key Tab
                Wait-Screen $step.Tab
            }

            Send-Key Enter
            if ($step.Stop) {
                Wait-Screen $step.Stop -Anywhere
                Send-Key C-c
            }

            if ($step.Answer) {
                Wait-Screen '(default is "N"):'
                Send-Text $step.Answer
                Send-Key Enter
            }

            Start-Sleep -Milliseconds 300
            Wait-Screen ($step.Prompt ?? 'gpt-4o-mini>')
        }

        $screen = Get-Screen
    }
    finally {
        tmux kill-session -t $session
        Remove-Item $folder -Recurse -Force
    }

    $screen = $screen -replace '(?<=tokens · \$\S+ · )[\d.]+ m?s', '250 ms' -replace '(?<=ran in )[\d.]+ m?s', '25 ms' -replace [regex]::Escape($folder), '/home/ada' -replace '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', '5a7c3f0e-0000-4000-8000-000000000001'

    # How much of the story has arrived at Ctrl+C depends on the machine.
    ($screen -replace '(?s)(?<=a story\.\n)Once upon a time.*?(?=\nStopped\.)', 'Once upon a time, a server wrote a log. Nobody read it, so it wrote').Trim()
}

$document = @'
# A chat at the prompt

These recordings show `Enter-HeliconeChat` in terminals of 80 and 200 columns, with the local gateway and the answers of `samples/gateway/chat.json`. Colors and styles aren't in the text: headings are bold and magenta, code is cyan, links are blue, and addresses, rules, and the lines about calls are dim.

In the second message, Ctrl+C is pressed while the story arrives. In the fourth, Tab has completed the path of the image. The answer after it tries to set the title of the window, to clear the screen, and to reverse an address; each attempt is shown as symbols.

After `/retry`, the model gets a tool. It isn't one that only reads, so PowerShell asks before it runs.

`tests/Pester/Recording/Write-ChatRecording.ps1` writes this file.

'@
foreach ($width in 80, 200) {
    $document += "`n## $width columns`n`n``````text`n$(Get-Recording $width)`n```````n"
}

[System.IO.File]::WriteAllText($Path, $document)
