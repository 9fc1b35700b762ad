#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    $module = (Resolve-Path (Join-Path $PSScriptRoot '../../module/Helicone.psd1')).Path
    Import-Module $module -Force

    # The engine that runs this test: pwsh itself, or dotnet with pwsh.dll.
    $executable = (Get-Process -Id $PID).Path
    $prefix = if ([IO.Path]::GetFileNameWithoutExtension($executable) -eq 'dotnet') { 'exec', [Environment]::GetCommandLineArgs()[0] } else { @() }

    # Starts another session that runs a script; its output lines are read with Read-Line.
    function Start-Session([string] $Script) {
        $start = [Diagnostics.ProcessStartInfo]::new($executable)
        foreach ($argument in @($prefix) + '-NoProfile', '-NonInteractive', '-Command', "Import-Module '$module'; $Script") {
            $start.ArgumentList.Add($argument)
        }

        $start.RedirectStandardInput = $true
        $start.RedirectStandardOutput = $true
        [Diagnostics.Process]::Start($start)
    }

    function Read-Line([Diagnostics.Process] $Session) {
        $line = $Session.StandardOutput.ReadLineAsync()
        if (-not $line.Wait(120000)) { throw 'The other session wrote nothing.' }
        $line.Result
    }

    function Wait-Until([scriptblock] $Condition) {
        $clock = [Diagnostics.Stopwatch]::StartNew()
        while (-not (& $Condition)) {
            if ($clock.Elapsed.TotalSeconds -gt 60) { throw "Still not: $Condition" }
            Start-Sleep -Milliseconds 100
        }
    }

    function Test-Running([int] $Id) {
        $process = Get-Process -Id $Id -ErrorAction SilentlyContinue
        $process -and -not ($IsLinux -and (Get-Content "/proc/$Id/stat" -ErrorAction SilentlyContinue) -match '\) [ZX] ')
    }
}

AfterAll {
    Remove-Module Helicone
}

Describe 'One local gateway for several sessions' {
    BeforeEach {
        $database = Join-Path $TestDrive "$([guid]::NewGuid().ToString('N'))/gateway.db"
        $report = "`$g = Start-HeliconeGateway -DatabasePath '$database'; `"`$(`$g.Uri) `$(`$g.ProcessId) `$(`$g.IsJoined)`""
        $sessions = [Collections.Generic.List[object]]::new()
    }

    AfterEach {
        $null = Stop-HeliconeGateway 3>&1
        $sessions | Where-Object { -not $_.HasExited } | ForEach-Object { $_.Kill() }
    }

    It 'is joined by another session, which leaves it running when it ends' {
        $gateway = Start-HeliconeGateway -DatabasePath $database
        Connect-Helicone -Local
        $answers = 1..2 | ForEach-Object { Invoke-HeliconeChat 'Hi' -Model gpt-4o-mini -RateLimitPolicy '3;w=3600' -MaxRetry 0 -ErrorAction SilentlyContinue }
        $sessions.Add((Start-Session "$report; Connect-Helicone -Local; (1..3 | ForEach-Object { Invoke-HeliconeChat 'Hi' -Model gpt-4o-mini -RateLimitPolicy '3;w=3600' -MaxRetry 0 -ErrorAction SilentlyContinue } | Measure-Object).Count"))

        Read-Line $sessions[0] | Should -Be "$($gateway.Uri) $($gateway.ProcessId) True"
        @($answers).Count | Should -Be 2
        Read-Line $sessions[0] | Should -Be 1
        $sessions[0].WaitForExit(60000) | Should -BeTrue
        Test-HeliconeConnection | Should -BeTrue
    }

    It 'outlives the session that started it when that session is killed, and ends with the last that joined' {
        $sessions.Add((Start-Session "$report; `$null = [Console]::In.ReadLine()"))
        $uri, $id, $joined = (Read-Line $sessions[0]) -split ' '
        $gateway = Start-HeliconeGateway -DatabasePath $database
        Connect-Helicone -Local
        $sessions[0].Kill()
        $sessions[0].WaitForExit()
        Start-Sleep 2

        $joined | Should -Be 'False'
        $gateway.IsJoined | Should -BeTrue
        "$($gateway.Uri) $($gateway.ProcessId)" | Should -Be "$uri $id"
        Test-HeliconeConnection | Should -BeTrue
        $gateway | Stop-HeliconeGateway -WarningVariable warnings
        $warnings | Should -BeNullOrEmpty
        Wait-Until { -not (Test-Running $id) }
    }

    It 'is replaced when it is killed' {
        $sessions.Add((Start-Session "$report; `$null = [Console]::In.ReadLine()"))
        $uri, $id, $null = (Read-Line $sessions[0]) -split ' '
        $before = Start-HeliconeGateway -DatabasePath $database
        Stop-Process -Id $id -Force
        Wait-Until { $before.HasExited }

        $after = Start-HeliconeGateway -DatabasePath $database

        $before.ProcessId | Should -Be $id
        $after.IsJoined | Should -BeFalse
        $after.ProcessId | Should -Not -Be $id
        @(Get-HeliconeGateway).Count | Should -Be 1
        Invoke-RestMethod "$($after.Uri)healthcheck" | Select-Object -ExpandProperty status | Should -Be 'healthy :)'
    }

    It 'is one when two sessions start it at once' {
        1..2 | ForEach-Object { $sessions.Add((Start-Session "$report; `$null = [Console]::In.ReadLine()")) }

        $lines = $sessions | ForEach-Object { Read-Line $_ }

        ($lines | ForEach-Object { ($_ -split ' ')[0] } | Sort-Object -Unique).Count | Should -Be 1
        ($lines | ForEach-Object { ($_ -split ' ')[2] } | Sort-Object) | Should -Be 'False', 'True'
    }

    It 'stays for others when the session that started it stops it, with a warning' {
        $gateway = Start-HeliconeGateway -DatabasePath $database
        $sessions.Add((Start-Session "$report; `$null = [Console]::In.ReadLine(); Connect-Helicone -Local; Test-HeliconeConnection"))
        $null = Read-Line $sessions[0]

        $gateway | Stop-HeliconeGateway -WarningVariable warnings -WarningAction SilentlyContinue

        $warnings | Should -BeLike '*keeps running because 1 other process uses it*'
        Get-HeliconeGateway | Should -BeNullOrEmpty
        $sessions[0].StandardInput.WriteLine()
        Read-Line $sessions[0] | Should -Be 'True'
        Wait-Until { -not (Test-Running $gateway.ProcessId) }
    }

    It 'is the same object for a second start in one session, and an error with other options' {
        $gateway = Start-HeliconeGateway -DatabasePath $database
        '{}' | Set-Content (Join-Path $TestDrive 'gateway.json')

        [object]::ReferenceEquals($gateway, (Start-HeliconeGateway -DatabasePath $database)) | Should -BeTrue
        @(Get-HeliconeGateway).Count | Should -Be 1
        { Start-HeliconeGateway -DatabasePath $database -ConfigPath (Join-Path $TestDrive 'gateway.json') } | Should -Throw -ErrorId 'HeliconeGatewayFailed,*' -ExpectedMessage '*already runs on*no configuration file*'
        { Start-HeliconeGateway -DatabasePath $database -Port 1 } | Should -Throw -ErrorId 'HeliconeGatewayFailed,*' -ExpectedMessage "*isn't listening on port 1*"
    }
}
