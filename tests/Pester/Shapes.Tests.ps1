#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    $manifest = Join-Path $PSScriptRoot '../../module/Helicone.psd1'
    Import-Module $manifest -Force
    $configuration = Join-Path $TestDrive 'gateway.json'
    @'
{
  "scenarios": [
    { "match": { "prompt": "doesn't fit" }, "reply": { "text": "{\"Severity\":\"info\",\"Reason\":\"corrected\"}" } },
    { "match": { "prompt": "unclear" }, "reply": { "text": "It could be anything." } },
    { "match": { "prompt": { "regex": "ERROR (.*)" } }, "reply": { "text": "Sure! Here is the JSON:\n```json\n{\"Severity\":\"error\",\"Reason\":\"{{match:1}}\"}\n```" } },
    { "match": { "prompt": { "regex": "INFO (.*)" } }, "reply": { "text": "{\"Reason\":\"{{match:1}}\",\"Severity\":\"Info\"}" } },
    { "match": { "prompt": "old model" }, "times": 2, "failure": { "status": 400, "message": "This response_format type is unavailable now." } },
    { "match": { "prompt": "old model" }, "reply": { "text": "{\"N\":1}" } },
    { "match": { "prompt": "ticket" }, "reply": { "text": "{\"Title\":\"Disk full\",\"Priority\":\"high\",\"Owner\":{\"Name\":\"Ann\"},\"Due\":\"2026-01-31T08:00:00Z\",\"Hosts\":[\"db-1\",\"db-2\"]}" } },
    { "match": { "prompt": "hosts" }, "reply": { "text": "{\"items\":[{\"Name\":\"db-1\",\"Size\":12345678901},{\"Name\":\"db-2\",\"Size\":1}]}" } }
  ]
}
'@ | Set-Content $configuration
    $gateway = Start-HeliconeGateway -ConfigPath $configuration -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db')
    $gateway | Connect-Helicone

    enum TicketPriority { Low; High }
    class TicketOwner { [string] $Name }
    class Ticket {
        [string] $Title
        [TicketPriority] $Priority
        [TicketOwner] $Owner
        [datetime] $Due
        [string[]] $Hosts
        hidden [int] $Attempts
        [string] ToString() { return "$($this.Title) ($($this.Priority), $($this.Owner.Name))" }
    }
}

AfterAll {
    Remove-Module Helicone
}

Describe 'Typed answers' {
    It 'classifies log lines for Group-Object' {
        $groups = 'ERROR disk full', 'INFO retry', 'ERROR timeout' |
            Invoke-HeliconeChat 'Classify this log line.' -ForEach -As @{ Severity = 'error', 'warning', 'info'; Reason = 'string' } -IncludeInput |
            Group-Object Severity

        $groups.Name | Should -Be 'error', 'info'
        $groups[0].Group.Reason | Should -Be 'disk full', 'timeout'
        $groups[0].Group.Input | Should -Be 'ERROR disk full', 'ERROR timeout'
        $groups[0].Group[0].PSObject.Properties.Name | Should -Be 'Reason', 'Severity', 'Input'
    }

    It 'creates objects of a class from <Name>' -ForEach @(
        @{ Name = 'the type'; Type = { [Ticket] } }
        @{ Name = 'its name'; Type = { 'Ticket' } }
        @{ Name = 'its name in brackets'; Type = { '[Ticket]' } }
    ) {
        $ticket = Invoke-HeliconeChat 'Make a ticket.' -As (& $Type)

        $ticket | Should -BeOfType ([Ticket])
        "$ticket" | Should -Be 'Disk full (High, Ann)'
        $ticket.Due | Should -Be ([datetime]::new(2026, 1, 31, 8, 0, 0, [DateTimeKind]::Utc))
        $ticket.Hosts | Should -Be 'db-1', 'db-2'
    }

    It 'writes the items of a list one by one, and formats them as a table' {
        $hosts = Invoke-HeliconeChat 'List the hosts.' -As @([ordered]@{ Name = 'string'; Size = [long] })

        $hosts.Count | Should -Be 2
        $hosts[0].Size | Should -BeOfType ([long])
        ($hosts | Measure-Object Size -Sum).Sum | Should -Be 12345678902
        ($hosts | Format-Table | Out-String) | Should -Match 'Name\s+Size'
    }

    It 'asks once more, and gives an error for what still does not fit' {
        $corrected = 'unclear' | Invoke-HeliconeChat -As @{ Severity = 'error', 'info'; Reason = 'string' }
        $corrected.Reason | Should -Be 'corrected'

        $result = 'INFO ok', 'unclear', 'INFO done' | Invoke-HeliconeChat -As @{ Severity = 'Info', 'x'; Reason = 'string'; More = 'int?' } -ErrorAction SilentlyContinue -ErrorVariable problem
        $result.Reason | Should -Be 'ok', 'corrected', 'done'
        $problem | Should -BeNullOrEmpty

        $result = 'unclear', 'INFO done' | Invoke-HeliconeChat -As @{ Severity = 'info', 'x'; Reason = 'string'; Count = 'int' } -ErrorAction SilentlyContinue -ErrorVariable problem
        $result | Should -BeNullOrEmpty
        $problem.Count | Should -Be 2
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'HeliconeSchemaMismatch,*'
        $problem[0].TargetObject | Should -Be 'unclear'
        $problem[0].Exception.Completions.Content | Should -Be 'It could be anything.', '{"Severity":"info","Reason":"corrected"}'
        $problem[0].Exception.Message | Should -BeLike "*'Count' is missing.*"
    }

    It 'puts the schema into the prompt for a provider that does not accept it' {
        $answer = Invoke-HeliconeChat 'An old model' -As @{ N = [int] } -Property @{ Case = 'old' }

        $answer.N | Should -Be 1
        $body = (Get-HeliconeRequest -Property @{ Case = 'old' } -IncludeBody | Where-Object Status -EQ 200).RequestBody | ConvertFrom-Json
        $body.response_format.type | Should -Be 'json_object'
        $body.messages[0].content | Should -BeLike 'An old model*"additionalProperties":false}'
    }

    It 'resumes a run with the same objects' {
        $journal = Join-Path $TestDrive 'run.jsonl'
        $shape = @{ Severity = 'error', 'info'; Reason = 'string' }
        $first = 'ERROR a', 'unclear', 'INFO b' | Invoke-HeliconeChat -As $shape -IncludeInput -Journal $journal -Model gpt-4o-mini/offline
        $sent = @(Get-Content $journal | Select-String '"state":"sent"').Count
        $second = 'ERROR a', 'unclear', 'INFO b' | Invoke-HeliconeChat -As $shape -IncludeInput -Journal $journal -Model gpt-4o-mini/offline

        ($second | ConvertTo-Json) | Should -Be ($first | ConvertTo-Json)
        $first.Reason | Should -Be 'a', 'corrected', 'b'
        @(Get-Content $journal | Select-String '"state":"sent"').Count | Should -Be $sent
    }

    It 'gets its objects from the offline model, too' {
        $answer = Invoke-HeliconeChat 'Anything' -As ([ordered]@{ Level = [TicketPriority]; When = [datetimeoffset]; Span = [timespan]; Id = [guid]; Owner = [TicketOwner]; Rate = 'decimal?'; Tags = @('string') })

        $answer.Level | Should -BeOfType ([TicketPriority])
        $answer.When | Should -BeOfType ([datetimeoffset])
        $answer.Id | Should -BeOfType ([guid])
        $answer.Owner | Should -BeOfType ([TicketOwner])
    }
}

Describe 'A typed answer' {
    It 'loads the JSON Schema library for a JSON Schema only' {
        $job = Start-Job -ArgumentList $manifest, $gateway.Uri.AbsoluteUri, ($gateway.ApiKey | ConvertFrom-SecureString -AsPlainText) -ScriptBlock {
            param($manifest, $uri, $key)
            function Get-Loaded { @([AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -in 'JsonSchema.Net', 'JsonPointer.Net', 'Json.More', 'Humanizer' }).Count }
            Import-Module $manifest
            Connect-Helicone -GatewayUri $uri -ApiKey $key
            $null = Invoke-HeliconeChat 'INFO x'
            Get-Loaded
            $null = Invoke-HeliconeChat 'INFO x' -As @{ Severity = 'error', 'info'; Reason = 'string' }
            Get-Loaded
            $null = Invoke-HeliconeChat 'INFO x' -As @{ type = 'object'; properties = @{ Reason = @{ type = 'string' } } }
            Get-Loaded
        }
        $job | Receive-Job -Wait -AutoRemoveJob | Should -Be 0, 0, 4
    }
}
