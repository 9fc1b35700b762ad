#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# Several local gateways in one session: which of them a connection uses, and what is left when they stop.

BeforeAll {
    $module = (Resolve-Path (Join-Path $PSScriptRoot '../../module/Helicone.psd1')).Path
    $readme = Join-Path $PSScriptRoot '../../README.md'
    $about = Join-Path $PSScriptRoot '../../module/en-US/about_Helicone_LocalGateway.help.txt'
    Import-Module $module -Force

    function Start-Gateway([switch] $SetEnvironment) {
        Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive "$([guid]::NewGuid().ToString('N'))/gateway.db") -SetEnvironment:$SetEnvironment
    }
}

AfterAll {
    Remove-Module Helicone
}

Describe 'A connection to a local gateway' {
    BeforeAll {
        $first = Start-Gateway
        $second = Start-Gateway
    }

    AfterAll {
        Stop-HeliconeGateway
    }

    It 'is to the one in the pipeline' {
        $first | Connect-Helicone
        (Get-HeliconeConnection).GatewayUri | Should -Be $first.Uri

        $second | Connect-Helicone
        (Get-HeliconeConnection).GatewayUri | Should -Be $second.Uri
    }

    It 'is to the one of -Gateway, with and without -Local' {
        Connect-Helicone -Local -Gateway $first
        (Get-HeliconeConnection).GatewayUri | Should -Be $first.Uri

        Connect-Helicone -Gateway $second
        (Get-HeliconeConnection).GatewayUri | Should -Be $second.Uri
    }

    It 'is to the one started last with -Local, after an earlier connection too' {
        $first | Connect-Helicone

        Connect-Helicone -Local

        (Get-HeliconeConnection).GatewayUri | Should -Be $second.Uri
    }

    It 'is to the one just started with -Local, when the start returned one that this session has' {
        $again = Start-HeliconeGateway -DatabasePath $first.DatabasePath

        Connect-Helicone -Local

        $again.Uri | Should -Be $first.Uri
        (Get-HeliconeConnection).GatewayUri | Should -Be $first.Uri
    }

    It 'is refused when it has stopped, and the connection before stays' -ForEach @(
        @{ Connect = { param($gateway) Connect-Helicone -Local -Gateway $gateway } }
        @{ Connect = { param($gateway) $gateway | Connect-Helicone } }
    ) {
        $stopped = Start-Gateway
        $stopped | Stop-HeliconeGateway
        $first | Connect-Helicone

        $problem = { & $Connect $stopped } | Should -Throw -ErrorId 'HeliconeGatewayNotFound,*' -PassThru

        "$problem" | Should -Be "The local gateway at $($stopped.Uri) has stopped."
        $problem.ErrorDetails.RecommendedAction | Should -BeLike '*Start-HeliconeGateway*'
        (Get-HeliconeConnection).GatewayUri | Should -Be $first.Uri
    }
}

Describe 'Two gateways with -SetEnvironment' {
    BeforeAll {
        $names = 'HELICONE_API_KEY', 'HELICONE_AI_GATEWAY_BASE_URL', 'HELICONE_BASE_URL', 'OPENAI_API_KEY', 'OPENAI_BASE_URL'
        $real = @{}
        $names | ForEach-Object { $real[$_] = [Environment]::GetEnvironmentVariable($_) }
        function Get-Values { $names | ForEach-Object { "$_=$([Environment]::GetEnvironmentVariable($_))" } }
    }

    AfterEach {
        Stop-HeliconeGateway
        $names | ForEach-Object { [Environment]::SetEnvironmentVariable($_, $real[$_]) }
    }

    It 'restore the variables when <Order>, which were <What>' -ForEach @(
        foreach ($what in 'set', 'not set') {
            @{ What = $what; Order = 'the newer stops first'; Stop = { param($first, $second) $second | Stop-HeliconeGateway; $first.Uri; $first | Stop-HeliconeGateway } }
            @{ What = $what; Order = 'the older stops first'; Stop = { param($first, $second) $first | Stop-HeliconeGateway; $second.Uri; $second | Stop-HeliconeGateway } }
            @{ What = $what; Order = 'both stop at once'; Stop = { Stop-HeliconeGateway } }
        }
    ) {
        $names | ForEach-Object { [Environment]::SetEnvironmentVariable($_, $(if ($What -eq 'set') { "https://$($_.Replace('_', '-')).example" })) }
        $before = Get-Values
        $first = Start-Gateway -SetEnvironment
        $second = Start-Gateway -SetEnvironment
        $env:OPENAI_BASE_URL | Should -Be "$($second.Uri)v1"

        $null = & $Stop $first $second

        Get-HeliconeGateway | Should -BeNullOrEmpty
        Get-Values | Should -Be $before
    }

    It 'point at the one that still runs' {
        $first = Start-Gateway -SetEnvironment
        $second = Start-Gateway -SetEnvironment
        $third = Start-Gateway -SetEnvironment

        $second | Stop-HeliconeGateway
        $env:OPENAI_BASE_URL | Should -Be "$($third.Uri)v1"
        $third | Stop-HeliconeGateway
        $env:OPENAI_BASE_URL | Should -Be "$($first.Uri)v1"
    }
}

Describe 'What the documentation shows' {
    BeforeAll {
        # A developer's session: connected to a gateway whose log must not get what a test sends.
        $mine = Start-Gateway
        $before = Get-Location
        Set-Location $TestDrive
    }

    BeforeEach {
        $mine | Connect-Helicone
    }

    AfterAll {
        Set-Location $before
        Stop-HeliconeGateway
    }

    It 'rehearses a bad night on the gateway just started' {
        $text = Get-Content $readme -Raw
        $text -match '(?s)Rehearse failures\..*?```powershell\r?\n(?<Recipe>.*?)```' | Should -BeTrue
        $recipe = $Matches.Recipe

        $output = . ([scriptblock]::Create($recipe))

        $output | Should -Be 'Clear /var/log first.', 503, 200
        $mine | Connect-Helicone
        Get-HeliconeRequest | Should -BeNullOrEmpty
    }

    It 'tests a script on a gateway of its own' {
        $text = Get-Content $about -Raw
        $text -match '(?s)IN TESTS\r?\n.*?BeforeAll \{(?<Setup>.*?)\n        \}\s+AfterAll \{(?<Teardown>.*?)\}\r?\n' | Should -BeTrue
        $setup, $teardown = $Matches.Setup, $Matches.Teardown

        . ([scriptblock]::Create($setup))
        $null = Invoke-HeliconeChat 'The disk is full.'
        (Get-HeliconeRequest -IncludeBody).RequestBody | Should -BeLike '*disk*'
        . ([scriptblock]::Create($teardown))

        $mine | Connect-Helicone
        Get-HeliconeRequest | Should -BeNullOrEmpty
    }
}
