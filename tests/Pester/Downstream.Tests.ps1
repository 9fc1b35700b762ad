#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# Commands of others after ours in a pipeline. A command that hangs can't be interrupted, so each test runs in a pwsh that is killed after a while.

BeforeAll {
    $module = (Resolve-Path (Join-Path $PSScriptRoot '../../module/Helicone.psd1')).Path
    $executable = (Get-Process -Id $PID).Path
    $prefix = if ([IO.Path]::GetFileNameWithoutExtension($executable) -eq 'dotnet') { 'exec', [Environment]::GetCommandLineArgs()[0] } else { @() }
    $database = Join-Path $TestDrive 'gateway/gateway.db'

    # A cmdlet as many are: it awaits without ConfigureAwait, and blocks until the task has ended.
    $blocking = @'
using System.Management.Automation;
using System.Threading.Tasks;

[Cmdlet(VerbsDiagnostic.Test, "Blocking")]
public sealed class TestBlockingCommand : PSCmdlet
{
    [Parameter(ValueFromPipeline = true)]
    public object Value { get; set; }

    protected override void ProcessRecord() => WriteObject(WaitAsync().GetAwaiter().GetResult());

    private static async Task<string> WaitAsync()
    {
        await Task.Delay(20);
        return "done";
    }
}
'@
    $source = Join-Path $TestDrive 'Blocking.cs'
    Set-Content $source $blocking

    # Each pipeline writes a line with its number before it runs, and a line for each object that reached the blocking cmdlet.
    function Invoke-Pipelines([string[]] $Pipeline, [int] $TimeoutSec) {
        $file = Join-Path $TestDrive 'script.ps1'
        $number = 0
        @(
            "`$ErrorActionPreference = 'Stop'"
            "Import-Module '$module'"
            "Add-Type -Path '$source' -PassThru | ForEach-Object Assembly | Select-Object -Unique | Import-Module"
            "Start-HeliconeGateway -DatabasePath '$database' | Connect-Helicone"
            $Pipeline | ForEach-Object { "'#$number'; $_ | Test-Blocking"; $number++ }
        ) | Set-Content $file
        $start = [Diagnostics.ProcessStartInfo]::new($executable)
        foreach ($argument in @($prefix) + '-NoProfile', '-NonInteractive', '-File', $file) {
            $start.ArgumentList.Add($argument)
        }

        $start.RedirectStandardOutput = $true
        $start.RedirectStandardError = $true
        $process = [Diagnostics.Process]::Start($start)
        $output = $process.StandardOutput.ReadToEndAsync()
        $errors = $process.StandardError.ReadToEndAsync()
        $ended = $process.WaitForExit($TimeoutSec * 1000)
        if (-not $ended) { $process.Kill($true) }
        $lines = @{}
        foreach ($line in $output.Result.Trim() -split '\r?\n') {
            if ($line -match '^#(\d+)$') {
                $last = [int] $Matches[1]
                $lines[$last] = @()
            }
            else {
                $lines[$last] += $line
            }
        }

        if (-not $ended) { $lines[$last] += "hangs: ended after $TimeoutSec s" }
        [pscustomobject] @{ Lines = $lines; Errors = $errors.Result }
    }
}

BeforeDiscovery {
    $pipelines = @(
        @{ Count = 1; Pipeline = "Invoke-HeliconeChat 'Hi'" }
        @{ Count = 3; Pipeline = "'a', 'b', 'c' | Invoke-HeliconeChat -ThrottleLimit 2" }
        @{ Count = 2; Pipeline = "Invoke-HeliconeChat 'Hi' -Stream | Select-Object -First 2" }
        @{ Count = 2; Pipeline = 'Get-HeliconeModel gpt-4o, gpt-4o-mini' }
        @{ Count = 2; Pipeline = 'Get-HeliconeRequest -First 2' }
        @{ Count = 1; Pipeline = "`$null = Invoke-HeliconeChat 'Hi' -Session s-1; Get-HeliconeSession s-1" }
        @{ Count = 1; Pipeline = "`$null = Invoke-HeliconeChat 'Hi' -UserId u-1; Get-HeliconeUser u-1" }
        @{ Count = 1; Pipeline = 'Test-HeliconeConnection' }
        @{ Count = 1; Pipeline = "Send-HeliconeLog -Tool weather -Request @{ city = 'Oslo' } -PassThru" }
        @{ Count = 1; Pipeline = "Start-HeliconeGateway -DatabasePath '{database}'" }
    )
    for ($i = 0; $i -lt $pipelines.Count; $i++) { $pipelines[$i].Number = $i }
}

Describe 'A cmdlet that blocks on a task' -ForEach @{ Pipelines = $pipelines } {
    BeforeAll {
        $result = Invoke-Pipelines ($Pipelines.Pipeline -replace '\{database}', $database) -TimeoutSec 120
    }

    It 'ends after <Pipeline>' -ForEach $Pipelines {
        $result.Lines[$Number] | Should -Be (@('done') * $Count)
        $result.Errors | Should -BeNullOrEmpty
    }
}
