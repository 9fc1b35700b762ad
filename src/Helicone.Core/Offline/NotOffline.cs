using Helicone.Errors;

namespace Helicone.Offline;

/// <summary>The error of what only a gateway with a log can do.</summary>
internal static class NotOffline
{
    /// <param name="what">What was asked for, as the beginning of a sentence.</param>
    internal static HeliconeException Exception(string what) =>
        new(HeliconeErrorKind.NotAvailableOffline, $"{what} isn't available on this connection: it answers in this process, and keeps no log.");
}
