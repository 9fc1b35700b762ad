using System;
using System.Management.Automation;

namespace Helicone.Transformation;

/// <summary>PowerShell's wildcards, for what is matched here and not by the server.</summary>
internal static class Wildcard
{
    /// <exception cref="FormatException">The pattern is not valid.</exception>
    public static bool IsMatch(string pattern, string text)
    {
        try
        {
            return WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase).IsMatch(text);
        }
        catch (WildcardPatternException e)
        {
            throw new FormatException(e.Message, e);
        }
    }
}
