#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    Import-Module (Join-Path $PSScriptRoot '../../module/Helicone.psd1') -Force
    $script:before = $env:HELICONE_PROMPT_PATH
    $env:HELICONE_PROMPT_PATH = $null

    $configuration = Join-Path $TestDrive 'gateway.json'
    @'
{
  "scenarios": [
    { "match": { "prompt": { "regex": "Classify: (.*)" } }, "reply": { "text": "{\"severity\":\"error\",\"reason\":\"{{match:1}}\"}" } },
    { "match": { "prompt": { "regex": "(?s)(.*)" } }, "reply": { "text": "{{match:1}}" } }
  ]
}
'@ | Set-Content $configuration
    $gateway = Start-HeliconeGateway -ConfigPath $configuration -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db')
    $gateway | Connect-Helicone

    $script:folder = Join-Path $TestDrive 'work'
    $prompts = New-Item -ItemType Directory (Join-Path $folder 'prompts')
    Push-Location $folder
    function Write-Prompt($name, $text) { Set-Content -LiteralPath (Join-Path $prompts "$name.prompt.md") $text }
    Write-Prompt translate @'
---
description: Translates text.
inputs:
  text: string
  language: { enum: [French, German, 'Bokmål (Norwegian)'], default: French }
---
{{ language }}: {{ text }}
'@
    Write-Prompt classify @'
---
schema: { severity: [error, warning, info], reason: string }
inputs: { text: string }
---
Classify: {{ text }}
'@
    Write-Prompt ticket @'
---
inputs:
  id: integer
  title: string
  urgent: { type: boolean, default: false }
  tags: { type: array, default: [none] }
  weight: { type: number, required: false }
---
{{ id | plus: 1 }} {{ title | upcase }}{% if urgent %}!{% endif %} {{ tags | join: "+" }} {{ weight }}
'@
    Write-Prompt plain 'Say hello.'
    1..6 | ForEach-Object { Write-Prompt "report-$_" "---`ndescription: Report $_.`ninputs: { day: string }`n---`nReport $_ for {{ day }}." }

    function Complete($line) { (TabExpansion2 $line $line.Length).CompletionMatches }
}

AfterAll {
    Pop-Location
    $env:HELICONE_PROMPT_PATH = $script:before
    Remove-Module Helicone
}

Describe 'A folder of ten prompt files' {
    It 'is listed' {
        $prompts = Get-HeliconePrompt
        $prompts.Count | Should -Be 10
        ($prompts | Where-Object Name -EQ translate).Inputs.Name | Should -Be 'text', 'language'
        (Get-HeliconePrompt report-*).Count | Should -Be 6
    }

    It 'completes names with their descriptions' {
        (Complete 'Invoke-HeliconePrompt ').CompletionText | Should -Be ('classify', 'plain', 'report-1', 'report-2', 'report-3', 'report-4', 'report-5', 'report-6', 'ticket', 'translate')
        (Complete 'Invoke-HeliconePrompt tr').ToolTip | Should -Be 'Translates text.'
        (Complete 'Get-HeliconePrompt cl').CompletionText | Should -Be 'classify'
    }

    It 'completes names in the folders of -Path and of the variable' {
        $other = New-Item -ItemType Directory (Join-Path $TestDrive 'other')
        Set-Content (Join-Path $other 'only.prompt.md') 'x'
        (Complete "Invoke-HeliconePrompt -Path '$other' -Name ").CompletionText | Should -Be 'only'
        $env:HELICONE_PROMPT_PATH = "$other$([IO.Path]::PathSeparator)$(Join-Path $folder 'prompts')"
        try {
            (Complete 'Invoke-HeliconePrompt ').CompletionText | Should -Be ('classify', 'only', 'plain', 'report-1', 'report-2', 'report-3', 'report-4', 'report-5', 'report-6', 'ticket', 'translate')
        }
        finally {
            $env:HELICONE_PROMPT_PATH = $null
        }
    }

    It 'completes inputs and their values' {
        (Complete 'Invoke-HeliconePrompt translate -la').CompletionText | Should -Be '-language'
        (Complete 'Invoke-HeliconePrompt -Name translate -t').CompletionText | Should -Contain '-text'
        (Complete 'Invoke-HeliconePrompt translate -language ').ListItemText | Should -Be 'Bokmål (Norwegian)', 'French', 'German'
    }

    It 'takes inputs by parameter' {
        "$(Invoke-HeliconePrompt translate -text Hello -language German)" | Should -Be 'German: Hello'
        "$(Invoke-HeliconePrompt plain)" | Should -Be 'Say hello.'
        "$(Invoke-HeliconePrompt ./prompts/plain.prompt.md)" | Should -Be 'Say hello.'
        "$(Invoke-HeliconePrompt ticket -id 7 -title disk -urgent $true -tags a, b -weight 2.5)" | Should -Be '8 DISK! a+b 2.5'
    }

    It 'takes inputs by property name, each object a call' {
        $answers = 'id,title,tags', '1,mouse,', '2,disk,x' | ConvertFrom-Csv | Invoke-HeliconePrompt ticket
        "$($answers[0])".Trim() | Should -Match '^2 MOUSE'
        "$($answers[1])".Trim() | Should -Be '3 DISK x'
        $answers[1].Input.title | Should -Be 'disk'
    }

    It 'takes lines of text' {
        'a', 'b' | Invoke-HeliconePrompt translate | ForEach-Object { "$_" } | Should -Be 'French: a', 'French: b'
    }

    It 'returns objects by its schema' {
        $objects = 'disk full', 'timeout' | Invoke-HeliconePrompt classify
        $objects.severity | Should -Be 'error', 'error'
        $objects.reason | Should -Be 'disk full', 'timeout'
    }

    It 'refuses a value that is not of the type or not in the set, and a missing one' {
        { Invoke-HeliconePrompt ticket -id many -title x } | Should -Throw -ExpectedMessage "*'id'*"
        { Invoke-HeliconePrompt translate -text x -language Klingon } | Should -Throw -ExpectedMessage '*Klingon*French,German*'
    }

    It 'converts numbers the same way in every culture' {
        $culture = [cultureinfo]::CurrentCulture
        try {
            [cultureinfo]::CurrentCulture = 'de-DE'
            "$(Invoke-HeliconePrompt ticket -id 1 -title x -weight 2.5)" | Should -Be '2 X none 2.5'
        }
        finally {
            [cultureinfo]::CurrentCulture = $culture
        }
    }

    It 'keeps hostile values as text' {
        foreach ($value in '{{ language }}', '{% if x %}', "---`nmodel: x`n---", "`e[31mred", '$(Get-Process)') {
            "$(Invoke-HeliconePrompt translate -text $value)" | Should -BeExactly "French: $value"
        }
    }
}

Describe 'A bad prompt file' {
    It 'is named with its line and column, and the others go on' {
        $bad = New-Item -ItemType Directory (Join-Path $TestDrive 'bad')
        Set-Content (Join-Path $bad 'good.prompt.md') 'x'
        Set-Content (Join-Path $bad 'yaml.prompt.md') "---`nmodel: gpt-4o`n  temperature: 1`n---`nx"
        Set-Content (Join-Path $bad 'liquid.prompt.md') "---`nmodel: gpt-4o`n---`nHello`n  {% foo %}"

        $found = Get-HeliconePrompt -Path $bad -ErrorVariable problems -ErrorAction SilentlyContinue

        $found.Name | Should -Be 'good'
        $problems.Count | Should -Be 2
        "$($problems[0])" | Should -BeLike "*liquid.prompt.md' isn't valid (line 5, column *"
        "$($problems[1])" | Should -BeLike "*yaml.prompt.md' isn't valid (line 3, column 14)*"
        { Invoke-HeliconePrompt yaml -Path $bad -anything 1 -ErrorAction Stop } | Should -Throw -ErrorId 'HeliconeInvalidPromptFile,*'
    }
}

Describe 'What prompt files need' {
    It 'is loaded by the first prompt file and not before' {
        $loaded = pwsh -NoProfile -Command "
            Import-Module '$PSScriptRoot/../../module/Helicone.psd1'
            `$null = New-HeliconeSession x
            function Loaded { @([AppDomain]::CurrentDomain.GetAssemblies() | Where-Object Location -Like '*net8.0?prompts?*').Count }
            `$line = 'Invoke-HeliconePrompt '
            `$null = TabExpansion2 `$line `$line.Length
            Loaded
            `$null = Get-HeliconePrompt -Path '$folder/prompts'
            Loaded"
        $loaded | Should -Be '0', '6'
    }
}
