using System.Globalization;
using Helicone.Errors;

namespace Helicone.Runtime;

/// <summary>The lines that -Verbose shows of calls.</summary>
internal static class CallReport
{
    /// <summary>An attempt that failed and will be followed by another.</summary>
    public static string Retry(CallAttempt attempt)
    {
        string status = attempt.StatusCode is { } code ? string.Format(CultureInfo.InvariantCulture, " ({0})", code) : string.Empty;
        double wait = attempt.Wait?.TotalSeconds ?? 0;
        return string.Format(CultureInfo.InvariantCulture, "Attempt {0} failed: {1}{2}. {3} The next follows in {4:0.0} s.", attempt.Number, attempt.Kind, status, attempt.Message, wait);
    }
}
