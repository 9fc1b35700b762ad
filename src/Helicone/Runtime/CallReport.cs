using System.Globalization;
using System.Linq;
using Helicone.Chat;
using Helicone.Errors;
using Helicone.Formatting;

namespace Helicone.Runtime;

/// <summary>The lines that -Verbose shows of calls.</summary>
internal static class CallReport
{
    /// <summary>A call that was answered: model, provider, tokens, cost, latency, and attempts.</summary>
    public static string Answer(ChatCompletion answer)
    {
        string provider = answer.Provider is { } name ? " (" + name + ")" : string.Empty;
        string tokens = answer.Usage is { } usage ? string.Format(CultureInfo.InvariantCulture, "{0:N0} + {1:N0} tokens", usage.PromptTokens, usage.CompletionTokens) : "unknown tokens";
        string source = answer.FromJournal ? "from the journal"
            : answer.CacheStatus == CacheStatus.Hit ? Cell.Elapsed(answer.Latency) + ", from the cache"
            : Cell.Elapsed(answer.Latency);
        return TerminalText.ShowLine($"{answer.Model ?? answer.RequestedModel}{provider}: {tokens}, {Cell.Money(answer.Cost)}, {source}, {Attempts(answer.Attempts.Count)}.");
    }

    /// <summary>A call that failed: the kind of error, its status, and attempts.</summary>
    public static string Failure(HeliconeException error)
    {
        string status = error.StatusCode is { } code ? string.Format(CultureInfo.InvariantCulture, " ({0})", code) : string.Empty;
        string time = error.Attempts.Count == 0 ? string.Empty : ", " + Cell.Elapsed(error.Attempts.Aggregate(System.TimeSpan.Zero, static (sum, attempt) => sum + attempt.Duration + (attempt.Wait ?? System.TimeSpan.Zero)));
        return $"No answer: {error.Kind}{status}{time}, {Attempts(error.Attempts.Count)}.";
    }

    private static string Attempts(int count) => count == 1 ? "1 attempt" : count.ToString(CultureInfo.InvariantCulture) + " attempts";

    /// <summary>An attempt that failed and will be followed by another.</summary>
    public static string Retry(CallAttempt attempt)
    {
        string status = attempt.StatusCode is { } code ? string.Format(CultureInfo.InvariantCulture, " ({0})", code) : string.Empty;
        double wait = attempt.Wait?.TotalSeconds ?? 0;
        return string.Format(CultureInfo.InvariantCulture, "Attempt {0} failed: {1}{2}. {3} The next follows in {4:0.0} s.", attempt.Number, attempt.Kind, status, attempt.Message, wait);
    }
}
