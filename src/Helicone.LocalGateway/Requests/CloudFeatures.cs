using System;
using Helicone.LocalGateway.Errors;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Requests;

/// <summary>What Helicone's cloud does when a header asks for it, and this gateway doesn't. Ignored, it would let through what somebody wanted checked.</summary>
internal static class CloudFeatures
{
    // A value other than "true" turns a switch off; any value of another header asks for something.
    private static readonly (string Header, bool IsSwitch, string Feature)[] s_features =
    [
        ("Helicone-Moderations-Enabled", true, "moderation"),
        ("Helicone-LLM-Security-Enabled", true, "LLM security"),
        ("Helicone-LLM-Security-Advanced", true, "LLM security"),
        ("Helicone-Prompt-Security-Enabled", true, "LLM security"),
        ("Helicone-Peyeeye-Enabled", true, "PII redaction"),
        ("Helicone-Token-Limit-Exception-Handler", false, "token-limit handling"),
        ("Helicone-Prompt-Format", false, "prompt templates"),
        ("Helicone-Fallbacks", false, "fallbacks by header. List the models in 'model', separated by commas"),
        ("Helicone-Target-URL", false, "target URLs. Add the provider to gateway.json"),
        ("Helicone-OpenAI-Api-Base", false, "target URLs. Add the provider to gateway.json"),
        ("Helicone-Webhook-Enabled", true, "webhooks"),
        ("Helicone-Posthog-Key", false, "PostHog forwarding"),
        ("Helicone-Lytix-Key", false, "Lytix forwarding"),
        ("x-stripe-customer-id", false, "Stripe metering"),
    ];

    /// <exception cref="RequestRefusedException">400: a header asks for one of them.</exception>
    public static void Refuse(IHeaderDictionary headers)
    {
        foreach ((string header, bool isSwitch, string feature) in s_features)
        {
            string value = headers[header].ToString().Trim();
            if (isSwitch ? value.Equals("true", StringComparison.OrdinalIgnoreCase) : value.Length > 0)
            {
                throw RequestErrors.Refused($"The local gateway doesn't support {feature} (header '{header}'). Remove the header, or send the request to Helicone's cloud.");
            }
        }
    }
}
