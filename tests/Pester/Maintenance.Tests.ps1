#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# The scripts in eng/ that maintainers run.

BeforeAll {
    $script:root = (Resolve-Path (Join-Path $PSScriptRoot '../..')).Path
    Import-Module (Join-Path $root 'module/Helicone.psd1')
    $script:gateway = Start-HeliconeGateway -DatabasePath (Join-Path $TestDrive 'gateway/gateway.db')
}

AfterAll {
    $script:gateway | Stop-HeliconeGateway
    Remove-Module Helicone
}

Describe 'Update-Models' {
    It 'turns the answer of a registry into the models.json that the answer was made from' {
        $path = Join-Path $TestDrive 'models.json'
        $uri = "$($gateway.Uri.GetLeftPart('Authority'))/v1/public/model-registry/models"

        & (Join-Path $root 'eng/Update-Models.ps1') -Uri $uri -Path $path -Date 2026-01-02

        $expected = [System.Text.Json.Nodes.JsonNode]::Parse((Get-Content (Join-Path $root 'src/Helicone.LocalGateway/Registry/models.json') -Raw))
        $actual = [System.Text.Json.Nodes.JsonNode]::Parse((Get-Content $path -Raw))
        "$($actual['source'])" | Should -Be $uri
        "$($actual['date'])" | Should -Be '2026-01-02'
        $actual['models'].Count | Should -Be $expected['models'].Count
        for ($i = 0; $i -lt $expected['models'].Count; $i++) {
            $model = $expected['models'][$i]
            [System.Text.Json.Nodes.JsonNode]::DeepEquals($actual['models'][$i], $model) | Should -BeTrue -Because "$($model['id']): $($actual['models'][$i].ToJsonString())"
        }
    }

    It 'leaves models.json alone when the registry has no models' {
        $path = Join-Path $TestDrive 'unchanged.json'
        Set-Content $path 'as it was'

        { & (Join-Path $root 'eng/Update-Models.ps1') -Uri "$($gateway.Uri.GetLeftPart('Authority'))/healthcheck" -Path $path } | Should -Throw

        Get-Content $path | Should -Be 'as it was'
    }
}
