using System;

namespace Helicone.Errors;

/// <summary>The message of an <see cref="ArgumentException"/> as it was written.</summary>
internal static class ArgumentMessage
{
    /// <summary>The message without the name of the parameter, which .NET appends: <c>(Parameter 'x')</c>, on .NET Framework on a separate line.</summary>
    internal static string MessageAlone(this ArgumentException e)
    {
        int end = e.ParamName is { } name ? e.Message.LastIndexOf(" (Parameter '" + name + "')", StringComparison.Ordinal) : -1;
        end = end < 0 && e.ParamName is not null ? e.Message.LastIndexOf(Environment.NewLine, StringComparison.Ordinal) : end;
        return end < 0 ? e.Message : e.Message.Substring(0, end);
    }
}
