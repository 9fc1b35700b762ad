using System;

namespace Helicone.LocalGateway.Caching;

/// <summary>Tells a stream that was finished from one that only stopped: <c>[DONE]</c> is appended to both.</summary>
internal static class StreamEnd
{
    private static ReadOnlySpan<byte> FinishReason => "\"finish_reason\""u8;

    /// <summary>Whether some chunk gives a reason for the end. What lacks one must not be served again for a week.</summary>
    public static bool IsIn(ReadOnlySpan<byte> events)
    {
        int index;
        while ((index = events.IndexOf(FinishReason)) >= 0)
        {
            events = events[(index + FinishReason.Length)..];
            ReadOnlySpan<byte> value = events.TrimStart(" \t:"u8);
            if (value.StartsWith("\""u8))
            {
                return true;
            }
        }

        return false;
    }
}
