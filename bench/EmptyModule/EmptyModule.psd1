@{
    RootModule        = 'EmptyModule.dll'
    ModuleVersion     = '1.0.0'
    GUID              = 'b0b5a3a6-52a8-4a0e-93f4-6f3a1f0e6f43'
    Author            = 'The Helicone for PowerShell authors'
    Description       = 'The yardstick of an import.'
    PowerShellVersion = '5.1'
    FormatsToProcess  = 'EmptyModule.Format.ps1xml'
    TypesToProcess    = 'EmptyModule.Types.ps1xml'
    CmdletsToExport   = 'Get-Nothing'
    FunctionsToExport = @()
    AliasesToExport   = @()
    VariablesToExport = @()
}
