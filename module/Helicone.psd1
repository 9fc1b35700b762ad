@{
    RootModule           = 'bin/Helicone.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = 'caaf42a0-5b27-482c-8990-01c97b1c0f29'
    Author               = 'The Helicone for PowerShell authors'
    Copyright            = '(c) The Helicone for PowerShell authors. MIT License.'
    Description          = 'Chat with 100+ models through Helicone''s AI Gateway, in the pipeline: objects in and out, every call logged, cached, limited and rerouted as you say.'
    PowerShellVersion    = '5.1'
    CompatiblePSEditions = @('Desktop', 'Core')
    FormatsToProcess     = @('Helicone.Format.ps1xml')
    TypesToProcess       = @('Helicone.Types.ps1xml')
    CmdletsToExport      = @(
        'Add-HeliconeRequestScore'
        'Assert-HeliconeAnswer'
        'Connect-Helicone'
        'Connect-HeliconeMcp'
        'Disconnect-Helicone'
        'Disconnect-HeliconeMcp'
        'Enter-HeliconeChat'
        'Enter-HeliconeSession'
        'Exit-HeliconeSession'
        'Export-HeliconeConversation'
        'Get-HeliconeConnection'
        'Get-HeliconeGateway'
        'Get-HeliconeMcp'
        'Get-HeliconeMcpPrompt'
        'Get-HeliconeMcpResource'
        'Get-HeliconeMcpTool'
        'Get-HeliconeModel'
        'Get-HeliconePrompt'
        'Get-HeliconeRequest'
        'Get-HeliconeSession'
        'Get-HeliconeUsage'
        'Get-HeliconeUser'
        'Import-HeliconeConversation'
        'Invoke-HeliconeChat'
        'Invoke-HeliconeMcpTool'
        'Invoke-HeliconePrompt'
        'Invoke-HeliconeToolCall'
        'Measure-HeliconePrompt'
        'New-HeliconeConversation'
        'New-HeliconePrompt'
        'New-HeliconeSession'
        'New-HeliconeTool'
        'Open-HeliconeDashboard'
        'Send-HeliconeLog'
        'Set-HeliconeRequestFeedback'
        'Set-HeliconeRequestProperty'
        'Show-HeliconeStream'
        'Start-HeliconeGateway'
        'Stop-HeliconeGateway'
        'Test-HeliconeConnection'
        'Write-HeliconeSummary'
    )
    AliasesToExport      = @('ihc', 'Should-HeliconeAnswer')
    FunctionsToExport    = @()
    VariablesToExport    = @()
    PrivateData          = @{
        PSData = @{
            Tags = @('Helicone', 'AI', 'LLM', 'OpenAI', 'Anthropic', 'ChatGPT', 'Claude', 'Gateway', 'Observability', 'PSEdition_Desktop', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
        }
    }
}
