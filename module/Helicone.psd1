@{
    RootModule           = 'bin/Helicone.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = 'caaf42a0-5b27-482c-8990-01c97b1c0f29'
    Author               = 'The Helicone for PowerShell authors'
    Copyright            = '(c) The Helicone for PowerShell authors. MIT License.'
    Description          = 'Cmdlets for Helicone''s AI Gateway: chat with more than 100 models from the pipeline, with objects in and out, streaming, typed answers, tools, spending limits, bulk runs that resume, and the request log. Includes a local gateway for work without an account or a network.'
    PowerShellVersion    = '5.1'
    # Windows PowerShell only. PowerShell 7 ignores it; there the module checks for .NET 8 or later when it is imported.
    DotNetFrameworkVersion = '4.7.2'
    CompatiblePSEditions = @('Desktop', 'Core')
    FormatsToProcess     = @('Helicone.Format.ps1xml')
    TypesToProcess       = @('Helicone.Types.ps1xml')
    CmdletsToExport      = @(
        'Add-HeliconeRequestScore'
        'Assert-HeliconeAnswer'
        'Connect-Helicone'
        'Connect-HeliconeMcp'
        'ConvertTo-HeliconeText'
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
            # The version, these addresses, and the prerelease label are here and nowhere else: the build and the tests read them from this file.
            ProjectUri   = 'https://github.com/helicone-powershell/helicone-powershell'
            LicenseUri   = 'https://github.com/helicone-powershell/helicone-powershell/blob/main/LICENSE'
            IconUri      = 'https://raw.githubusercontent.com/helicone-powershell/helicone-powershell/main/docs/icon.png'
            ReleaseNotes = 'https://github.com/helicone-powershell/helicone-powershell/blob/main/CHANGELOG.md'
            Prerelease   = 'preview1'
            Tags         = @('Helicone', 'AI', 'LLM', 'OpenAI', 'Anthropic', 'ChatGPT', 'Claude', 'Gateway', 'Observability', 'PSEdition_Desktop', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
        }
    }
}
