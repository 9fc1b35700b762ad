# A tour in one minute. Everything here can be pasted into pwsh after: Import-Module ./module/Helicone.psd1
param(
    [string] $Prompt = 'Why is the sky blue?',
    [switch] $Local
)

# With a key in $env:HELICONE_API_KEY this goes to Helicone itself; without one, to the gateway that comes with the module.
if ($Local -or -not $env:HELICONE_API_KEY) { Connect-Helicone -Local } else { Connect-Helicone }
Get-HeliconeConnection | Out-Host

'', '# Models, with their prices per million tokens'
Get-HeliconeModel gpt-4o*, claude-4.5* | Where-Object PromptPrice -lt 4 | Out-Host

'', '# A chat: the answer, and what it took'
Invoke-HeliconeChat $Prompt

'', '# A stream, printed as it arrives'
Invoke-HeliconeChat "Tell me more: $Prompt" -Stream | Show-HeliconeStream

'', '# A session: calls that belong together, tagged with who and what they are for'
$session = New-HeliconeSession -Name 'Nightly triage'
$tags = @{ UserId = 'ops'; Session = $session; Property = @{ Environment = 'test'; Team = 'sre' } }
$cause = Invoke-HeliconeChat 'disk full on web-3: name the likely cause' @tags -SessionPath /cause
$remedy = Invoke-HeliconeChat "How is this mended? $cause" @tags -SessionPath /cause/remedy
$cause, $remedy | ForEach-Object { '{0}  session {1}  request {2}' -f $_.Model, $_.SessionId, $_.RequestId }

'', '# A chain: azure is not set up here, so that the next in line answers'
$answer = Invoke-HeliconeChat 'Are you there?' -Model gpt-4o/azure -Fallback gpt-4o-mini
'asked for {0}, answered by {1} at {2}' -f $answer.RequestedModel, $answer.Model, $answer.Provider

'', '# Many prompts at once, the answers in their order'
'apple', 'bread', 'cheese', 'dates' |
    Invoke-HeliconeChat -System 'Translate to French. Answer with the word alone.' -ThrottleLimit 4 |
    ForEach-Object { '{0,-8} {1}' -f $_.Input, $_.Content }
