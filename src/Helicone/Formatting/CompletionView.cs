using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;
using Helicone.Chat;

namespace Helicone.Formatting;

/// <summary>What the view of an answer shows below its text. Called by Helicone.Format.ps1xml.</summary>
public static class CompletionView
{
    // PowerShell takes escapes out again where the output is no terminal since it has $PSStyle; Windows PowerShell would leave them in files.
    private static readonly bool s_enginePlainsText = typeof(PSObject).Assembly.GetType("System.Management.Automation.PSStyle") is not null;

    /// <summary>One dim line: model · tokens in→out · cost · latency · cache.</summary>
    /// <param name="completion">The answer.</param>
    /// <param name="terminal">Whether the host understands escape sequences.</param>
    public static string Footer(PSObject completion, bool terminal)
    {
        string line = Line((ChatCompletion)completion.BaseObject);
        return terminal && s_enginePlainsText ? "\u001b[2m" + line + "\u001b[22m" : line;
    }

    private static string Line(ChatCompletion completion)
    {
        List<string> parts = [];
        Add(completion.Provider is null ? completion.Model : completion.Model + "/" + completion.Provider);
        Add(completion.Usage is null ? null : completion.Usage + " tokens");
        Add(completion.Cost is { } cost ? "$" + cost.ToString(cost == 0 ? "0" : "0.00####", CultureInfo.InvariantCulture) : null);
        Add(Time(completion.Latency.TotalSeconds));
        Add(completion.CacheStatus switch
        {
            CacheStatus.Hit => "cache hit",
            CacheStatus.Miss => "cache miss",
            _ => null,
        });
        Add(completion.FinishReason is null or "stop" ? null : completion.FinishReason);
        return string.Join(" · ", parts);

        void Add(string? part)
        {
            if (!string.IsNullOrEmpty(part))
            {
                parts.Add(part!);
            }
        }
    }

    private static string Time(double seconds) => seconds < 1
        ? (seconds * 1000).ToString("0", CultureInfo.InvariantCulture) + " ms"
        : seconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";
}
