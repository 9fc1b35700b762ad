using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace Helicone.LocalGateway.Page;

/// <summary>Who may look: a browser that came with a token, or typed the key, and has a cookie since. All of it is memory and ends with the gateway.</summary>
internal sealed class PageAccess(TimeProvider time)
{
    public static readonly TimeSpan TokenLife = TimeSpan.FromMinutes(2);
    public static readonly TimeSpan SessionLife = TimeSpan.FromHours(12);

    // Of hashes, so that the time of a look-up reveals nothing about the content.
    private readonly Dictionary<string, DateTimeOffset> _tokens = [];
    private readonly Dictionary<string, DateTimeOffset> _sessions = [];

    /// <summary>A token that opens the page once, soon.</summary>
    public string IssueToken() => Issue(_tokens, TokenLife);

    /// <summary>The value of a new cookie.</summary>
    public string OpenSession() => Issue(_sessions, SessionLife);

    /// <summary>Takes a token for a cookie.</summary>
    /// <returns>The cookie's value; <see langword="null"/> when the token is unknown, used or too old.</returns>
    public string? Exchange(string token)
    {
        lock (_tokens)
        {
            if (!_tokens.Remove(Hash(token), out DateTimeOffset end) || end < time.GetUtcNow())
            {
                return null;
            }
        }

        return OpenSession();
    }

    public bool IsOpen(string session)
    {
        lock (_sessions)
        {
            return _sessions.TryGetValue(Hash(session), out DateTimeOffset end) && end >= time.GetUtcNow();
        }
    }

    private string Issue(Dictionary<string, DateTimeOffset> issued, TimeSpan life)
    {
        const int Most = 256;
        string value = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        lock (issued)
        {
            DateTimeOffset now = time.GetUtcNow();
            foreach ((string old, DateTimeOffset _) in issued.Where(i => i.Value < now).ToList())
            {
                issued.Remove(old);
            }

            if (issued.Count >= Most)
            {
                issued.Remove(issued.MinBy(i => i.Value).Key);
            }

            issued.Add(Hash(value), now + life);
        }

        return value;
    }

    private static string Hash(string value) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(value)));
}
