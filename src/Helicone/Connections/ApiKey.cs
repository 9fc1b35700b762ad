using System;
using System.Runtime.InteropServices;
using System.Security;

namespace Helicone.Connections;

/// <summary>Validates Helicone keys. <see cref="Http.Redaction"/> decides how much of a key is shown.</summary>
internal static class ApiKey
{
    // The keys that people have at hand when they mean Helicone's. Sent, they would be somebody else's secret in Helicone's log.
    private static readonly string[][] s_foreign =
    [
        ["sk-proj-", "OpenAI"], ["sk-svcacct-", "OpenAI"], ["sk-admin-", "OpenAI"], ["sk-ant-", "Anthropic"], ["sk-or-", "OpenRouter"],
        ["gsk_", "Groq"], ["xai-", "xAI"], ["AIza", "Google"], ["hf_", "Hugging Face"], ["ghp_", "GitHub"], ["github_pat_", "GitHub"],
    ];

    /// <summary>The key as it is held.</summary>
    public static SecureString Protect(string text)
    {
        SecureString key = new();
        foreach (char c in text)
        {
            key.AppendChar(c);
        }

        key.MakeReadOnly();
        return key;
    }

    /// <summary>Refuses what cannot be a key, before it is sent anywhere. The messages never hold more of it than is always shown.</summary>
    /// <returns>The same key.</returns>
    /// <exception cref="FormatException">It is empty, has white space or control characters in it, or is another service's.</exception>
    public static SecureString Check(SecureString key)
    {
        _ = Use(key, static text => Check(text));
        return key;
    }

    /// <summary>Indicates whether it looks like one of Helicone's; its own distribution and proxies may hand out others.</summary>
    public static bool LooksLikeHelicone(SecureString key) => Use(key, static text =>
        text.StartsWith("sk-", StringComparison.Ordinal) || text.StartsWith("pk-", StringComparison.Ordinal));

    /// <summary>Indicates whether the key belongs to the EU region, by the same rule as Helicone (Helicone/helicone worker/src/lib/RequestWrapper.ts @764a3cff).</summary>
    public static bool IsEuropean(SecureString key) => Use(key, static text => text.IndexOf("helicone-eu", StringComparison.Ordinal) >= 0);

    /// <summary>The key in the clear, for as long as the function takes.</summary>
    public static T Use<T>(SecureString key, Func<string, T> use)
    {
        IntPtr text = Marshal.SecureStringToGlobalAllocUnicode(key);
        try
        {
            return use(Marshal.PtrToStringUni(text, key.Length));
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(text);
        }
    }

    private static bool Check(string text)
    {
        if (text.Length == 0)
        {
            throw new FormatException("The Helicone key is empty.");
        }

        if (text.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            throw new FormatException("The Helicone key begins with 'Bearer'. Specify only the key.");
        }

        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is <= ' ' or >= '\x7f')
            {
                string what = text[i] switch
                {
                    '\r' or '\n' => "a line break",
                    ' ' or '\t' or '\u00a0' => "white space",
                    < ' ' or '\x7f' => "a control character",
                    _ => "a character outside of ASCII",
                };
                throw new FormatException($"The Helicone key contains {what} at position {i + 1} of {text.Length}, which isn't valid in a key.");
            }
        }

        foreach (string[] foreign in s_foreign)
        {
            if (text.StartsWith(foreign[0], StringComparison.Ordinal))
            {
                throw new FormatException($"This is a key of {foreign[1]} ('{foreign[0]}…'). A Helicone key begins with 'sk-helicone-'.");
            }
        }

        return true;
    }
}
