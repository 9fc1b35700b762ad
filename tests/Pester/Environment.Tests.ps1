#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# What depends on the process that the module runs in: proxies, the culture, exit codes, redirection. Each test starts a pwsh.

BeforeAll {
    $script:module = Join-Path $PSScriptRoot '../../module/Helicone.psd1'
    Import-Module $module -Force
    $null = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db') -SetEnvironment

    function Invoke-Pwsh([string] $Script, [hashtable] $Environment = @{}) {
        $before = @{}
        foreach ($name in $Environment.Keys) {
            $before[$name] = [System.Environment]::GetEnvironmentVariable($name)
            [System.Environment]::SetEnvironmentVariable($name, $Environment[$name])
        }
        try {
            $errors = Join-Path $TestDrive 'stderr.txt'
            $output = pwsh -NoProfile -NonInteractive -Command "`$PSStyle.OutputRendering = 'PlainText'; Import-Module '$module'; $Script" 2> $errors
            [pscustomobject] @{ Output = $output -join "`n"; Errors = "$(Get-Content $errors -Raw)"; ExitCode = $LASTEXITCODE }
        }
        finally {
            foreach ($name in $before.Keys) {
                [System.Environment]::SetEnvironmentVariable($name, $before[$name])
            }
        }
    }
}

AfterAll {
    Stop-HeliconeGateway
    Remove-Module Helicone
}

Describe 'A proxy in the environment' {
    It 'is named when it does not answer, without its password' {
        $result = Invoke-Pwsh -Environment @{ HTTPS_PROXY = 'http://night:s3cret-word@127.0.0.1:1'; NO_PROXY = $null } @'
Connect-Helicone -ApiKey sk-helicone-abcdefg-hijklmn-opqrstu-vwxyz12 -GatewayUri https://gateway.invalid -ApiUri https://gateway.invalid -MaxRetry 0
Invoke-HeliconeChat 'Hi' -ErrorAction SilentlyContinue
$Error[0] | Format-List * -Force | Out-String
$Error[0].ErrorDetails.RecommendedAction
Get-HeliconeConnection | Format-List * | Out-String
'@
        $result.Output | Should -Match 'The proxy http://127\.0\.0\.1:1 for https://gateway\.invalid refused the connection\.'
        $result.Output | Should -Match 'Connect-Helicone -Proxy'
        $result.Output | Should -Not -Match 's3cret-word'
        $result.Output | Should -Not -Match 'No server is listening'
    }

    It 'is not used for the local gateway' {
        $dead = 'http://127.0.0.1:1'
        $result = Invoke-Pwsh -Environment @{ HTTP_PROXY = $dead; HTTPS_PROXY = $dead; ALL_PROXY = $dead } "(Invoke-HeliconeChat 'Hi').Content"

        $result.Output | Should -BeLike '`[offline`]*'
        $result.Errors | Should -BeNullOrEmpty
    }
}

Describe 'Connect-Helicone -Proxy' {
    It 'takes the password out of the address' {
        $result = Invoke-Pwsh @'
Connect-Helicone -ApiKey sk-helicone-abcdefg-hijklmn-opqrstu-vwxyz12 -Proxy 'http://night:s3cret-word@127.0.0.1:1' -GatewayUri https://gateway.invalid -ApiUri https://gateway.invalid -MaxRetry 0 -Verbose 4>&1
Get-HeliconeConnection | Format-List * | Out-String
(Get-HeliconeConnection).Proxy.AbsoluteUri
Invoke-HeliconeChat 'Hi' -ErrorAction SilentlyContinue
$Error[0] | Format-List * -Force | Out-String
'@
        $result.Output | Should -Match '(?m)^http://127\.0\.0\.1:1/$'
        $result.Output | Should -Match 'The proxy http://127\.0\.0\.1:1 '
        $result.Output | Should -Not -Match 's3cret-word'
    }

    It 'refuses <Address>, and shows no password' -ForEach @(
        @{ Address = 'proxy.example:8080' }
        @{ Address = 'night:s3cret-word@proxy.example:8080' }
        @{ Address = 'ftp://night:s3cret-word@proxy.example' }
    ) {
        $problem = { Connect-Helicone -ApiKey sk-helicone-abcdefg-hijklmn-opqrstu-vwxyz12 -Proxy $Address } | Should -Throw -PassThru

        $problem.Exception.Message | Should -BeLike "*proxy.example*http://proxy.example:8080*"
        $problem | Format-List * -Force | Out-String | Should -Not -Match 's3cret-word'
    }
}

Describe 'The culture <Culture>' -ForEach @(@{ Culture = 'de_DE.UTF-8' }, @{ Culture = 'tr_TR.UTF-8' }) {
    It 'changes nothing that is sent, read, or computed' {
        $result = Invoke-Pwsh -Environment @{ LC_ALL = $Culture; LANG = $Culture } @'
(Get-Culture).Name
$answer = Invoke-HeliconeChat 'INFO: istanbul' -Temperature 0.5 -RateLimitPolicy '100;w=60' -CacheMaxAge 1h -Cache -Property @{ INFIX = "I$((Get-Culture).Name)" }
$row = Get-HeliconeRequest $answer -IncludeBody
($row | ConvertTo-Json -Depth 8) -match '"temperature":\s*0\.5|\\"temperature\\":0\.5'
(Get-HeliconeModel gpt-4o-mini).PromptPrice -eq 0.15
@(Get-HeliconeRequest -Property @{ INFIX = "I$((Get-Culture).Name)" } -Since 1.5h).Count
'@
        $result.Errors | Should -BeNullOrEmpty
        ($result.Output -split "`n") | Should -Be ($Culture -replace '_', '-' -replace '\..*'), 'True', 'True', '1'
    }
}

Describe 'pwsh' {
    It 'ends with 0 after an answer, and with 1 after an error, which goes to stderr alone' {
        $good = Invoke-Pwsh "(Invoke-HeliconeChat 'Hi').Content"
        $bad = Invoke-Pwsh "Invoke-HeliconeChat 'Hi' -Model no-such-model"
        $stopped = Invoke-Pwsh "Invoke-HeliconeChat 'Hi' -Model no-such-model -ErrorAction Stop; 'not reached'"

        $good.ExitCode | Should -Be 0
        $good.Output | Should -BeLike '`[offline`]*'
        $good.Errors | Should -BeNullOrEmpty
        $bad.ExitCode | Should -Be 1
        $bad.Output | Should -BeNullOrEmpty
        $bad.Errors | Should -Match 'No available providers'
        $stopped.ExitCode | Should -Be 1
        $stopped.Output | Should -BeNullOrEmpty
    }

    It 'writes a stream into a file as text alone' {
        $file = Join-Path $TestDrive 'stream.txt'
        $result = Invoke-Pwsh "Invoke-HeliconeChat 'Hi' -Stream | Show-HeliconeStream > '$file'; (Invoke-HeliconeChat 'Hi').Content | Set-Content '$file.2'"

        $result.Errors | Should -BeNullOrEmpty
        Get-Content "$file.2" -Raw | Should -BeLike '`[offline`]*'
        Get-Content "$file.2" -Raw | Should -Not -BeLike "*$([char] 27)*"
    }

    It 'imports the module without an error, a warning, or a word' {
        $result = Invoke-Pwsh ''

        "$($result.Output)$($result.Errors)" | Should -BeNullOrEmpty
        $result.ExitCode | Should -Be 0
    }
}
