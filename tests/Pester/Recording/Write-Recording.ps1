<#
.SYNOPSIS
Records what a terminal of 80, 120, and 200 columns shows of text that tries to take it over, and writes docs/terminal.md.

.DESCRIPTION
Each recording is the output of a pwsh in a pseudoterminal (the script command of Linux), so it contains whatever a terminal receives. What a test
run can't repeat is replaced: the colors of PowerShell are removed, unless NO_COLOR is set, and durations of calls are 250 ms, and the port is 8787.

.PARAMETER Path
The file to write.

.EXAMPLE
pwsh -File tests/Pester/Recording/Write-Recording.ps1
#>
[CmdletBinding()]
param(
    [string] $Path = (Join-Path $PSScriptRoot '../../../docs/terminal.md')
)

$ErrorActionPreference = 'Stop'

# PowerShell as a .NET tool has no program of its own.
$powershell = [Environment]::ProcessPath
$command = if ([System.IO.Path]::GetFileNameWithoutExtension($powershell) -eq 'dotnet') { "'$powershell' exec '$(Join-Path $PSHOME 'pwsh.dll')'" } else { "'$powershell'" }

$server = & (Join-Path $PSScriptRoot 'HostileServer.ps1')
$folder = [System.IO.Directory]::CreateTempSubdirectory('helicone-recording-').FullName

function Get-Recording([int] $Width, [hashtable] $Environment) {
    $variables = @{ TERM = 'xterm-256color'; TZ = 'UTC'; LC_ALL = $null } + $Environment
    $before = @{}
    foreach ($name in $variables.Keys) {
        $before[$name] = [Environment]::GetEnvironmentVariable($name)
        [Environment]::SetEnvironmentVariable($name, $variables[$name])
    }

    try {
        $file = Join-Path $folder "$Width.txt"
        $null = '' | script --quiet --flush --return --command "stty cols $Width rows 50; $command -NoLogo -NoProfile -NonInteractive -File '$PSScriptRoot/Show-Views.ps1' -Uri $($server.Uri) -CachePath '$folder'" $file
    }
    finally {
        foreach ($name in $before.Keys) {
            [Environment]::SetEnvironmentVariable($name, $before[$name])
        }
    }

    $text = [System.IO.File]::ReadAllText($file)
    $text = $text.Substring($text.IndexOf('PS> '), $text.LastIndexOf('PS> ') - $text.IndexOf('PS> '))
    $text = $text -replace "`r*`n", "`n" -replace '\e\[\?1[hl]|\e[=>]'
    if (-not $Environment.NO_COLOR) {
        $text = $text -replace '\e\[[0-9;]*m'
    }

    $text = $text -replace '(?<=tokens · \$\S+ · )[\d.]+ m?s', '250 ms'
    $text = $text -replace '(?m)(?<=^gpt-4o-mini +1000→200 +\$\S+) +[\d.]+ m?s', { '250 ms'.PadLeft($_.Value.Length) }
    $text = $text -replace '(?<=http://127\.0\.0\.1:)\d+', '8787'
    ($text -split "`n" | ForEach-Object TrimEnd) -join "`n"
}

try {
    $document = @'
# What a terminal shows

These recordings show a terminal with PowerShell, connected to a server that tries to take it over. The server's answers, session names, user ids, properties, and errors contain escape sequences that set the window title (`ESC ] 0 ;`), clear the screen (`ESC [ 2 J`), and change colors, as well as right-to-left overrides and invisible tag characters. Each of them is shown as a symbol, and none is executed. The objects keep the text as it came: `$answer.Content` contains the raw characters, and so do `Format-List *` and `ConvertTo-Csv`, which PowerShell renders itself.

`tests/Pester/Recording/Write-Recording.ps1` writes this file, and a test in `tests/Pester` compares it with a new recording.

'@
    foreach ($recording in @(
            @{ Title = '80 columns'; Width = 80; Environment = @{ NO_COLOR = $null; LANG = 'en_US.UTF-8' } }
            @{ Title = '120 columns'; Width = 120; Environment = @{ NO_COLOR = $null; LANG = 'C.UTF-8' } }
            @{ Title = '200 columns, with NO_COLOR=1'; Width = 200; Environment = @{ NO_COLOR = '1'; LANG = 'en_US.UTF-8' } }
        )) {
        $document += "`n## $($recording.Title)`n`n``````text`n$((Get-Recording -Width $recording.Width -Environment $recording.Environment).Trim())`n```````n"
    }

    [System.IO.File]::WriteAllText($Path, $document)
}
finally {
    $server.Stop()
    Remove-Item $folder -Recurse -Force
}
