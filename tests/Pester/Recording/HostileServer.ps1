<#
.SYNOPSIS
Starts a gateway, registry, and log on loopback, in this process, whose every text tries to take over the terminal that shows it.

.OUTPUTS
An object with Uri, and Stop(), which ends the server.
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'

# HttpListener doesn't choose a free port by itself.
$probe = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
$probe.Start()
$uri = "http://127.0.0.1:$($probe.LocalEndpoint.Port)/"
$probe.Stop()
$listener = [System.Net.HttpListener]::new()
$listener.Prefixes.Add($uri)
$listener.Start()

$serve = {
    param($listener)

    $id = '00000000-0000-4000-8000-000000000001'
    $attack = "`e]0;owned`a`e[2J"
    $text = "Sure.$attack Done `u{202e}gnp.exe`u{2066} `u{e0041} end. The quick brown fox jumps over the lazy dog, and then it goes on to describe " +
        "the whole of the afternoon in a sentence that is longer than one line.`r`nSecond`rline`n    indented code stays where it is"
    $usage = @{ prompt_tokens = 1000; completion_tokens = 200; total_tokens = 1200 }

    function ConvertTo-Answer($message, $reason) {
        @{ id = 'chatcmpl-1'; model = 'gpt-4o-mini'; choices = @(@{ index = 0; message = $message; finish_reason = $reason }); usage = $usage } | ConvertTo-Json -Depth 9
    }

    function ConvertTo-Failure($message, $status) {
        @{
            success = $false
            error = @{ code = 'request_failed'; message = $message; details = @(@{ type = 'request_failed'; message = $message; statusCode = $status; source = "gpt-4o-mini/openai/byok$attack" }) }
        } | ConvertTo-Json -Depth 9
    }

    # 0.0723, unknown, and less than a cent.
    $costs = 0.07229313, $null, 0.000025
    $durations = 303, 4200, 125000
    $rows = foreach ($number in 1..3) {
        @{
            request_id = "00000000-0000-4000-8000-00000000000$number"
            request_created_at = "2026-01-31 08:00:0$number"
            response_status = 200
            model = 'claude-4.5-sonnet'
            provider = "anthropic"
            request_user_id = "ada`e[2J"
            delay_ms = $durations[$number - 1]
            prompt_tokens = 1000
            completion_tokens = 200 + $number
            total_tokens = 1200 + $number
            costUSD = $costs[$number - 1]
            cache_enabled = $true
            properties = @{ Environment = "prod`e[5m"; 'Helicone-Session-Id' = 's-1'; 'Helicone-Session-Name' = "Nightly$attack"; 'Helicone-Session-Path' = '/triage/alerts' }
        }
    }

    $data = @{
        '/v1/public/model-registry/models' = @{
            models = @(
                @{
                    id = 'gpt-4o-mini'; name = "GPT-4o`a mini"; author = 'openai'; contextLength = 128000; maxOutput = 16384; description = "Small.`e[2J"
                    endpoints = @(@{ provider = 'OpenAI'; providerSlug = 'openai'; pricing = @{ prompt = 0.15; completion = 0.6 } })
                    inputModalities = @('text'); outputModalities = @('text'); supportedParameters = @('tools')
                }
            )
        }
        '/v1/session/query' = @(@{
                session_id = 's-1'; session_name = "Nightly `e[31mtriage`u{202e}"; created_at = '2026-01-31 08:00:00'; latest_request_created_at = '2026-01-31 08:05:00'
                total_requests = 3; total_cost = 0.07229313; prompt_tokens = 3000; completion_tokens = 606; total_tokens = 3606
            })
        '/v1/user/query' = @(@{ user_id = "u`e[2J7"; count = 12345; prompt_tokens = 1000; completion_tokens = 200; cost = 1234.5 })
        '/v1/request/query-clickhouse' = @($rows)
    }

    while ($listener.IsListening) {
        try {
            $context = $listener.GetContext()
        }
        catch [System.Net.HttpListenerException], [System.ObjectDisposedException] {
            return
        }

        $reader = [System.IO.StreamReader]::new($context.Request.InputStream)
        $body = $reader.ReadToEnd()
        $response = $context.Response
        $response.ContentType = 'application/json'
        $response.Headers['Helicone-Id'] = $id
        $path = $context.Request.Url.AbsolutePath
        if ($path -ne '/v1/chat/completions') {
            $answer = @{ data = $data[$path]; error = $null } | ConvertTo-Json -Depth 9
        }
        else {
            $call = $body | ConvertFrom-Json
            $response.Headers['helicone-provider'] = 'openai'
            $answer = switch ($call.messages[-1].content) {
                'tool' {
                    ConvertTo-Answer @{ role = 'assistant'; tool_calls = @(@{ id = 'call-1'; type = 'function'; function = @{ name = 'get_weather'; arguments = '{"city":"Oslo","days":3}' } }) } 'tool_calls'
                }
                'fail' {
                    $response.StatusCode = 400
                    ConvertTo-Failure "No ${attack}quota `u{202e}left" 400
                }
                { $_ -like 'slow*' } {
                    # One call at a time, so that a run takes a while.
                    Start-Sleep -Milliseconds 100
                    ConvertTo-Answer @{ role = 'assistant'; content = $text } 'stop'
                }
                'wait' {
                    if ($waited++) {
                        ConvertTo-Answer @{ role = 'assistant'; content = $text } 'stop'
                    }
                    else {
                        $response.StatusCode = 429
                        $response.Headers['Retry-After'] = '6'
                        ConvertTo-Failure "Slow down.$attack" 429
                    }
                }
                default { ConvertTo-Answer @{ role = 'assistant'; content = $text } 'stop' }
            }

            if ($call.stream) {
                $response.ContentType = 'text/event-stream'
                $chunks = @{ id = 'chatcmpl-1'; model = 'gpt-4o-mini'; choices = @(@{ index = 0; delta = @{ content = $text }; finish_reason = $null }) }, @{ error = @{ message = "provider died`e[31m now"; code = 500 } }
                $answer = -join ($chunks | ForEach-Object { "data: $($_ | ConvertTo-Json -Depth 9 -Compress)`n`n" })
            }
        }

        $bytes = [System.Text.Encoding]::UTF8.GetBytes($answer)
        $response.OutputStream.Write($bytes, 0, $bytes.Length)
        $response.Close()
    }
}

$shell = [powershell]::Create().AddScript($serve).AddArgument($listener)
$null = $shell.BeginInvoke()

[pscustomobject] @{ Uri = $uri; Listener = $listener; Shell = $shell } |
    Add-Member -PassThru ScriptMethod Stop {
        $this.Listener.Close()
        $this.Shell.Dispose()
    }
