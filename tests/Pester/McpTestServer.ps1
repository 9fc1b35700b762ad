# The servers of tests/Helicone.Mcp.TestServer, for the tests of this folder.

$script:mcpServer = Get-ChildItem (Join-Path $PSScriptRoot '../Helicone.Mcp.TestServer/bin/*/*/Helicone.Mcp.TestServer.dll') | Sort-Object LastWriteTime | Select-Object -Last 1 -ExpandProperty FullName

# Writes a program that runs the server over standard input and output, whatever its arguments are, and returns its folder.
function New-McpProgram([string] $name, [string] $folder, [string] $mode = 'stdio') {
    if ($PSVersionTable.PSVersion.Major -lt 6 -or $IsWindows) {
        Set-Content (Join-Path $folder "$name.cmd") "@dotnet `"$script:mcpServer`" $mode"
    }
    else {
        $file = Join-Path $folder $name
        Set-Content $file '#!/bin/sh', "exec dotnet '$script:mcpServer' $mode"
        chmod +x $file
    }

    $folder
}

# Starts the server on HTTP.
function Start-McpService([string] $token) {
    $start = [Diagnostics.ProcessStartInfo]::new('dotnet', "`"$script:mcpServer`" http $token")
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.UseShellExecute = $false
    $process = [Diagnostics.Process]::Start($start)
    [pscustomobject]@{ Process = $process; Address = $process.StandardOutput.ReadLine() }
}

function Stop-McpService($service) {
    $service.Process.StandardInput.Close()
    $service.Process.WaitForExit(5000) | Out-Null
}
