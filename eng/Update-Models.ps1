<#
.SYNOPSIS
Writes models.json from a model registry: the models and prices that the module completes with before its first call and that the local gateway serves.

.DESCRIPTION
Reads Helicone's public registry, which needs no key, and writes src/Helicone.LocalGateway/Registry/models.json with the address, the date, and
one model on each line, so that a change of a price is one changed line of the diff. Review the diff before you commit it: a model that has
disappeared is a model that users can no longer complete.

.PARAMETER Uri
The address of the registry.

.PARAMETER Path
The file to write.

.PARAMETER Date
The date that the file names, yyyy-MM-dd. By default, today.
#>
[CmdletBinding()]
param(
    [uri] $Uri = 'https://api.helicone.ai/v1/public/model-registry/models',

    [string] $Path = (Join-Path $PSScriptRoot '../src/Helicone.LocalGateway/Registry/models.json'),

    [ValidatePattern('^\d{4}-\d\d-\d\d$')]
    [string] $Date = [datetime]::UtcNow.ToString('yyyy-MM-dd')
)

$ErrorActionPreference = 'Stop'

# As text: Invoke-RestMethod would turn dates into dates and prices into doubles.
$answer = (Invoke-WebRequest $Uri).Content
$document = [System.Text.Json.Nodes.JsonNode]::Parse($answer)

# Assigned directly: a JSON object or array that passes through the pipeline is enumerated.
$registry = $document
if ($null -ne $document['data']) { $registry = $document['data'] }
$models = $registry['models']
if ($null -eq $models -or $models.Count -eq 0) {
    throw "'$Uri' returned no models. 'models.json' wasn't changed."
}

function Copy-Member($from, $to, [string[]] $names) {
    foreach ($name in $names) {
        if ($null -ne $from[$name]) { $to.Add($name, $from[$name].DeepClone()) }
    }
}

function ConvertTo-Pricing($simple, $perToken) {
    $pricing = [System.Text.Json.Nodes.JsonObject]::new()
    Copy-Member $simple $pricing 'prompt', 'completion', 'cacheRead', 'cacheWrite'

    # Only the detailed prices have these: a multiple of the prompt's price, and a fee for each call.
    $hour = $null
    if ($null -ne $perToken -and $null -ne $perToken['cacheMultipliers']) { $hour = $perToken['cacheMultipliers']['write1h'] }
    if ($null -ne $hour) {
        $price = [decimal]::Parse("$hour", [cultureinfo]::InvariantCulture) * [decimal]::Parse("$($simple['prompt'])", [cultureinfo]::InvariantCulture)
        $pricing['cacheWrite1h'] = [System.Text.Json.Nodes.JsonNode]::Parse($price.ToString('0.#########', [cultureinfo]::InvariantCulture))
    }

    Copy-Member $simple $pricing 'thinking', 'web_search'
    if ($null -ne $perToken -and $null -ne $perToken['request']) { $pricing['request'] = $perToken['request'].DeepClone() }
    if ($null -ne $simple['threshold']) { $pricing['threshold'] = $simple['threshold'].DeepClone() }
    , $pricing
}

$options = [System.Text.Json.JsonSerializerOptions]::new()
$options.Encoder = [System.Text.Encodings.Web.JavaScriptEncoder]::UnsafeRelaxedJsonEscaping
$lines = foreach ($model in $models) {
    $entry = [System.Text.Json.Nodes.JsonObject]::new()
    Copy-Member $model $entry 'id', 'name', 'author', 'description', 'contextLength', 'maxOutput'
    if ($null -ne $model['trainingDate']) { $entry['created'] = $model['trainingDate'].DeepClone() }
    Copy-Member $model $entry 'inputModalities', 'outputModalities', 'supportedParameters', 'pinnedVersionOfModel'
    $endpoints = [System.Text.Json.Nodes.JsonArray]::new()
    foreach ($item in $model['endpoints']) {
        $detail = $item['endpoint']
        $endpoint = [System.Text.Json.Nodes.JsonObject]::new()
        Copy-Member $item $endpoint 'provider', 'providerSlug'
        $endpoint['providerModelId'] = "$(if ($null -ne $detail -and $null -ne $detail['providerModelId']) { $detail['providerModelId'] } else { $model['id'] })"
        $endpoint['ptb'] = "$($item['supportsPtb'])" -eq 'true'
        if ($null -ne $detail -and $null -ne $detail['contextLength'] -and "$($detail['contextLength'])" -ne "$($model['contextLength'])") { $endpoint['contextLength'] = $detail['contextLength'].DeepClone() }
        if ($null -ne $detail -and $null -ne $detail['maxCompletionTokens'] -and "$($detail['maxCompletionTokens'])" -ne "$($model['maxOutput'])") { $endpoint['maxOutput'] = $detail['maxCompletionTokens'].DeepClone() }
        $perToken = $null
        if ($null -ne $detail) { $perToken = $detail['pricing'] }
        $first = $null
        if ($null -ne $perToken -and $perToken.Count -gt 0) { $first = $perToken[0] }
        if ($null -ne $item['pricing']) { $endpoint['pricing'] = ConvertTo-Pricing $item['pricing'] $first }
        if ($null -ne $item['pricingTiers'] -and $item['pricingTiers'].Count -gt 0) {
            $tiers = [System.Text.Json.Nodes.JsonArray]::new()
            for ($i = 0; $i -lt $item['pricingTiers'].Count; $i++) {
                # The fee for each call is of the endpoint, not of a tier.
                $own = $null
                if ($null -ne $perToken -and $perToken.Count -gt $i) { $own = $perToken[$i] }
                $tier = ConvertTo-Pricing $item['pricingTiers'][$i] $own
                $null = $tier.Remove('request')
                $tiers.Add($tier)
            }
            $endpoint['pricingTiers'] = $tiers
        }
        $endpoints.Add($endpoint)
    }
    $entry['endpoints'] = $endpoints
    $entry.ToJsonString($options)
}

$head = '{{"source":{0},"date":"{1}","models":[' -f [System.Text.Json.JsonSerializer]::Serialize("$Uri", $options), $Date
[System.IO.File]::WriteAllText((Resolve-Path -LiteralPath (Split-Path $Path)).Path + '/' + (Split-Path $Path -Leaf), "$head`n$($lines -join ",`n")`n]}`n")
Write-Verbose "$($models.Count) models."
