using System;

namespace Helicone.Connections;

/// <summary>The environment variables that count. Helicone's own tools use the same names.</summary>
internal static class EnvironmentVariables
{
    public const string ApiKey = "HELICONE_API_KEY";
    public const string GatewayUri = "HELICONE_AI_GATEWAY_BASE_URL";
    public const string ApiUri = "HELICONE_BASE_URL";
    public const string Model = "HELICONE_MODEL";
    public const string PromptPath = "HELICONE_PROMPT_PATH";

    /// <summary>A variable of the process; nothing when it is unset or empty.</summary>
    public static string? Get(string name)
    {
        string? value = Environment.GetEnvironmentVariable(name);
        return string.IsNullOrWhiteSpace(value) ? null : value;
    }
}
