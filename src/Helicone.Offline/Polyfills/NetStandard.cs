#if !NET
using System;
using System.Collections.Generic;
using System.Text;

namespace Helicone.Offline;

/// <summary>Members that .NET has and netstandard2.0 doesn't, so that the code has one spelling for both targets.</summary>
internal static class NetStandard
{
    extension(string text)
    {
        internal bool Contains(string value, StringComparison comparison) => text.IndexOf(value, comparison) >= 0;

        internal bool Contains(char value, StringComparison comparison)
        {
            _ = comparison;
            return text.IndexOf(value) >= 0;
        }

        internal string Replace(string oldValue, string newValue, StringComparison comparison)
        {
            _ = comparison;
            return text.Replace(oldValue, newValue);
        }

        internal bool StartsWith(char value) => text.Length > 0 && text[0] == value;
    }

    internal static TValue? GetValueOrDefault<TKey, TValue>(this Dictionary<TKey, TValue> dictionary, TKey key)
        where TKey : notnull
        => dictionary.TryGetValue(key, out TValue? value) ? value : default;

    internal static bool TryAdd<TKey, TValue>(this Dictionary<TKey, TValue> dictionary, TKey key, TValue value)
        where TKey : notnull
    {
        if (dictionary.ContainsKey(key))
        {
            return false;
        }

        dictionary.Add(key, value);
        return true;
    }

    internal static bool TryDequeue<T>(this Queue<T> queue, out T? value)
    {
        value = queue.Count > 0 ? queue.Dequeue() : default;
        return value is not null;
    }

    extension(Encoding encoding)
    {
        internal string GetString(ReadOnlySpan<byte> bytes) => encoding.GetString(bytes.ToArray());

        internal int GetCharCount(ReadOnlySpan<byte> bytes) => encoding.GetCharCount(bytes.ToArray());
    }

    internal static int Count(this ReadOnlySpan<byte> bytes, byte value)
    {
        int count = 0;
        foreach (byte b in bytes)
        {
            count += b == value ? 1 : 0;
        }

        return count;
    }

    internal static bool Contains(this ReadOnlySpan<byte> bytes, byte value) => bytes.IndexOf(value) >= 0;
}
#endif
