#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# The package as the PowerShell Gallery gets it, installed from a repository as a user installs it, and used in fresh processes.
# 'build.ps1 -Task Package' sets HELICONE_PACKAGE to the release that it has built. Otherwise the module of the last build is packed here.

BeforeDiscovery {
    $release = if ($env:HELICONE_PACKAGE) { @{ Package = $env:HELICONE_PACKAGE } }
}

BeforeAll {
    $script:root = (Resolve-Path (Join-Path $PSScriptRoot '../..')).Path
    $script:data = $env:XDG_DATA_HOME
    $env:XDG_DATA_HOME = Join-Path $TestDrive 'data'
    $package = if ($env:HELICONE_PACKAGE) { Get-Item -LiteralPath $env:HELICONE_PACKAGE } else { & (Join-Path $root 'eng/New-Package.ps1') -Destination (Join-Path $TestDrive 'package') }

    # A folder name that scripts get wrong: spaces, an apostrophe, letters outside of ASCII and outside of Latin.
    $folder = New-Item -ItemType Directory (Join-Path $TestDrive "Bjørn's módulos 模块")
    $feed = New-Item -ItemType Directory (Join-Path $TestDrive 'feed')
    Copy-Item -LiteralPath $package.FullName $feed
    $script:repository = "HeliconePackageTest$PID"
    Register-PSResourceRepository -Name $repository -Uri $feed.FullName -Trusted
    Save-PSResource Helicone -Prerelease -Repository $repository -Path $folder.FullName -SkipDependencyCheck -ErrorAction Stop
    $script:manifest = (Get-ChildItem $folder -Recurse -Filter Helicone.psd1).FullName
    $script:installed = Split-Path $manifest

    # Read-only, as for a user without rights to the modules of all users. An administrator could still write; so the files are compared at the end.
    Get-ChildItem $installed -Recurse -File | ForEach-Object { $_.IsReadOnly = $true }
    if (-not $IsWindows) {
        Get-ChildItem $installed -Recurse -Directory | ForEach-Object { $_.UnixFileMode = 'UserRead, UserExecute, GroupRead, GroupExecute, OtherRead, OtherExecute' }
    }

    function Get-State {
        Get-ChildItem $installed -Recurse -File | Sort-Object FullName | ForEach-Object { "$($_.FullName) $($_.Length) $($_.LastWriteTimeUtc.Ticks)" }
    }
    $script:before = Get-State

    # Runs a script in a new process, with the manifest as its first argument and a folder for its files as its second.
    function Invoke-Process([string] $script) {
        $own = New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))
        $file = Join-Path $own 'test.ps1'
        Set-Content -LiteralPath $file "param(`$Manifest, `$Folder)`n`$ErrorActionPreference = 'Stop'`n$script" -Encoding utf8
        $output = pwsh -NoProfile -NonInteractive -File $file $manifest $own.FullName 2>&1 | ForEach-Object { "$_" }
        $LASTEXITCODE | Should -Be 0 -Because ($output -join "`n")
        $output
    }
}

AfterAll {
    Unregister-PSResourceRepository -Name $script:repository
    if (-not $IsWindows) {
        Get-ChildItem $installed -Recurse -Directory | ForEach-Object { $_.UnixFileMode = 'UserRead, UserWrite, UserExecute' }
    }
    Get-ChildItem $installed -Recurse -File | ForEach-Object { $_.IsReadOnly = $false }
    $env:XDG_DATA_HOME = $script:data
}

Describe 'The package' {
    It 'has the addresses, the license, and the notices that the Gallery shows' {
        $data = (Import-PowerShellDataFile -LiteralPath $manifest).PrivateData.PSData

        foreach ($name in 'ProjectUri', 'LicenseUri', 'IconUri', 'ReleaseNotes') {
            $data[$name] | Should -BeLike 'https://*' -Because $name
            $data[$name] | Should -BeLike "*$(([uri] $data.ProjectUri).AbsolutePath)*" -Because $name
        }
        Get-ChildItem $installed -File | ForEach-Object Name | Should -Contain 'LICENSE'
    }

    It 'names every library that it ships in its notices' {
        $notices = Get-Content (Join-Path $installed 'THIRD-PARTY-NOTICES.txt') -Raw
        $libraries = Get-ChildItem $installed -Recurse -File | Where-Object Extension -In '.dll', '.so', '.dylib' | Where-Object Name -NotMatch '^Helicone(\.\w+)?\.dll$'

        $libraries.Count | Should -BeGreaterThan 50
        $libraries | Where-Object { $notices -notmatch "[ ,]$([regex]::Escape($_.Name))\b" } | ForEach-Object Name | Should -BeNullOrEmpty
    }

    It 'has the files of the module and no others' {
        $top = Get-ChildItem $installed | ForEach-Object Name | Where-Object { $_ -notmatch '\.nuspec$|^PSGetModuleInfo\.xml$' } | Sort-Object

        $top | Should -Be ('bin', 'CHANGELOG.md', 'en-US', 'Helicone.Format.ps1xml', 'Helicone.psd1', 'Helicone.Types.ps1xml', 'LICENSE', 'README.md', 'THIRD-PARTY-NOTICES.txt')
        Get-ChildItem (Join-Path $installed 'bin') -Recurse -File | Where-Object Extension -NotIn '.dll', '.json', '.so', '.dylib' | ForEach-Object Name | Should -BeNullOrEmpty
    }

    It 'contains no path of the machine that built it' -ForEach $release {
        # As bytes in text: the path in UTF-8, and in UTF-16, which string literals of an assembly have.
        $latin = [System.Text.Encoding]::GetEncoding(28591)
        $path = $root.TrimEnd('/', '\')
        $forms = $latin.GetString([System.Text.Encoding]::UTF8.GetBytes($path)), $latin.GetString([System.Text.Encoding]::Unicode.GetBytes($path))
        $found = foreach ($file in Get-ChildItem $installed -Recurse -File) {
            $text = $latin.GetString([System.IO.File]::ReadAllBytes($file.FullName))
            if ($forms | Where-Object { $text.Contains($_, [System.StringComparison]::Ordinal) }) { $file.Name }
        }

        $found | Should -BeNullOrEmpty
    }

    It 'answers from a read-only folder whose name has spaces and letters outside of ASCII' {
        $output = Invoke-Process @'
Import-Module -Name $Manifest
Start-HeliconeGateway -DatabasePath (Join-Path $Folder 'gateway.db') -SetEnvironment | Out-Null
$answer = Invoke-HeliconeChat 'From the package' -Model gpt-4o-mini
"answer: $answer"
"typed: $((Invoke-HeliconeChat 'One word' -As @{ Word = 'string' }).PSObject.Properties.Name)"
"tokens: $((Measure-HeliconePrompt 'Count these tokens' -Model gpt-4o-mini).PromptTokens -gt 0)"
"logged: $(@(Get-HeliconeRequest -Since 1h).Count -ge 2)"
"help: $((Get-Help Invoke-HeliconeChat -Full).examples.example.Count -ge 2)"
"version: $((Get-Module Helicone).Version)-$((Get-Module Helicone).PrivateData.PSData.Prerelease)"
Stop-HeliconeGateway
'@

        $output | Should -Contain 'typed: Word'
        $output | Where-Object { $_ -like 'answer: *' } | Should -BeLike '*From the package*'
        $output | Should -Contain 'tokens: True'
        $output | Should -Contain 'logged: True'
        $output | Should -Contain 'help: True'
        $output | Should -Contain "version: $((Import-PowerShellDataFile -LiteralPath $manifest).ModuleVersion)-$((Import-PowerShellDataFile -LiteralPath $manifest).PrivateData.PSData.Prerelease)"
    }

    It 'uses its own Polly when another module has loaded an older one' {
        $env:HELICONE_TEST_OLDER_POLLY | Should -Exist
        $output = Invoke-Process @'
[System.Reflection.Assembly]::LoadFrom($env:HELICONE_TEST_OLDER_POLLY) | Out-Null
Import-Module -Name $Manifest
Start-HeliconeGateway -DatabasePath (Join-Path $Folder 'gateway.db') -SetEnvironment | Out-Null
"answer: $(Invoke-HeliconeChat 'Next to another Polly')"
[AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq 'Polly.Core' } | ForEach-Object { "polly: $([System.Diagnostics.FileVersionInfo]::GetVersionInfo($_.Location).FileVersion) $($_.Location)" }
Stop-HeliconeGateway
'@

        $output | Where-Object { $_ -like 'answer: *' } | Should -BeLike '*Next to another Polly*'
        $polly = @($output | Where-Object { $_ -like 'polly: *' })
        $polly.Count | Should -Be 2
        @($polly | Where-Object { $_ -like "*$installed*" }).Count | Should -Be 1
    }

    It 'works in two runspaces at once, and again after Remove-Module' {
        $output = Invoke-Process @'
Import-Module -Name $Manifest
Start-HeliconeGateway -DatabasePath (Join-Path $Folder 'gateway.db') -SetEnvironment | Out-Null
1..2 | ForEach-Object -Parallel { Import-Module -Name $using:Manifest; "parallel: $(Invoke-HeliconeChat "Runspace $_")" } -ThrottleLimit 2
Remove-Module Helicone
"left: $(@(Get-Command -Module Helicone).Count)"
Import-Module -Name $Manifest
Start-HeliconeGateway -DatabasePath (Join-Path $Folder 'gateway.db') -SetEnvironment | Out-Null
"again: $(Invoke-HeliconeChat 'After Remove-Module')"
Stop-HeliconeGateway
'@

        @($output | Where-Object { $_ -like 'parallel: *Runspace *' }).Count | Should -Be 2
        $output | Should -Contain 'left: 0'
        $output | Where-Object { $_ -like 'again: *' } | Should -BeLike '*After Remove-Module*'
    }

    It 'has written nothing to its folder' {
        Get-State | Should -Be $before
    }
}
