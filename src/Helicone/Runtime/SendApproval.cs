using System.Globalization;
using System.Management.Automation;
using Helicone.Chat;
using Helicone.Commands;
using Helicone.Formatting;
using Helicone.Spending;

namespace Helicone.Runtime;

/// <summary>Decides whether calls are sent: -WhatIf describes each of them and sends none, and -Confirm asks once for all.</summary>
internal sealed class SendApproval(HeliconeCommand cmdlet, HeliconeClient client)
{
    private const int MaxBodyCharacters = 1_000;

    private bool? _decision;

    /// <summary>Indicates whether nothing is sent.</summary>
    public bool IsWhatIf { get; } = cmdlet.IsWhatIf;

    /// <summary>Indicates whether a call may be sent.</summary>
    /// <param name="request">The request.</param>
    /// <param name="options">The options of the call.</param>
    /// <param name="isOneOfMany">Indicates whether other calls may follow.</param>
    public bool MaySend(ChatRequest request, RequestOptions options, bool isOneOfMany)
    {
        // Composing the description counts tokens, which no other call has to pay for.
        if (!IsWhatIf && !cmdlet.AsksToConfirm(ConfirmImpact.Low))
        {
            return true;
        }

        if (_decision is { } decided && !IsWhatIf)
        {
            return decided;
        }

        ChatPreview preview = cmdlet.Valid(() => client.Chat.Preview(request, options), options.Input, Errors.InvalidInput.Body);
        string what = Describe(preview);
        string question = isOneOfMany ? what + "\nSend this request, and those for the other input objects without asking again?" : what + "\nSend this request?";
        _decision = cmdlet.ShouldProcess(what, question, "Send a chat completion request");
        return _decision.Value;
    }

    private static string Describe(ChatPreview preview)
    {
        CostEstimate dearest = preview.Dearest;
        string tokens = string.Format(CultureInfo.InvariantCulture, "{0}{1:N0} prompt tokens", dearest.IsEstimate ? "about " : string.Empty, dearest.PromptTokens);
        string cost = dearest.HighestCost is { } most
            ? $"at most {Cell.Money(most)}{(preview.HasCurrentPrices ? string.Empty : " by the prices that came with the module")}"
            : $"unknown cost ({dearest.Unknown})";
        string body = preview.Body.Length <= MaxBodyCharacters
            ? preview.Body
            : string.Format(CultureInfo.InvariantCulture, "{0}… ({1:N0} characters in all)", preview.Body.Substring(0, MaxBodyCharacters), preview.Body.Length);
        return $"POST {preview.Uri} ({tokens}, {cost}): {body}";
    }
}
