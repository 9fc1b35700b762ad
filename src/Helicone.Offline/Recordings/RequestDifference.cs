using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;

namespace Helicone.Offline.Recordings;

/// <summary>Finds the recorded request that is nearest to one that isn't recorded, and says what differs.</summary>
internal static class RequestDifference
{
    private const int MostCompared = 2000;
    private const int MostShown = 4;
    private const int LongestValue = 60;

    public static string Describe(JsonElement request, IReadOnlyList<RecordedAnswer> recorded)
    {
        if (recorded.Count == 0)
        {
            return "The recording is empty.";
        }

        Dictionary<string, JsonElement> wanted = Leaves(request);
        RecordedAnswer? nearest = null;
        Dictionary<string, JsonElement> found = [];
        double least = double.MaxValue;
        foreach (RecordedAnswer answer in recorded.Take(MostCompared))
        {
            Dictionary<string, JsonElement> leaves = Leaves(answer.Request);
            double distance = Paths(wanted, leaves).Sum(path => Distance(wanted, leaves, path));
            if (distance < least)
            {
                (nearest, found, least) = (answer, leaves, distance);
            }
        }

        string[] differing = [.. Paths(wanted, found).Where(path => Distance(wanted, found, path) > 0)];
        if (differing.Length == 0)
        {
            return $"The nearest is line {nearest!.Line}: its body is the same, so the cache seed or a masked key differs.";
        }

        string differences = string.Join("; ", differing.Take(MostShown).Select(path => Difference(wanted, found, path)));
        string more = differing.Length > MostShown ? string.Format(CultureInfo.InvariantCulture, "; and {0} more", differing.Length - MostShown) : string.Empty;
        return $"The nearest recorded request is line {nearest!.Line}. What differs: {differences}{more}.";
    }

    private static IEnumerable<string> Paths(Dictionary<string, JsonElement> one, Dictionary<string, JsonElement> other) => one.Keys.Concat(other.Keys.Where(path => !one.ContainsKey(path)));

    private static double Distance(Dictionary<string, JsonElement> one, Dictionary<string, JsonElement> other, string path)
    {
        if (!one.TryGetValue(path, out JsonElement a) || !other.TryGetValue(path, out JsonElement b))
        {
            return 1;
        }

        if (a.ValueKind != JsonValueKind.String || b.ValueKind != JsonValueKind.String)
        {
            return a.GetRawText() == b.GetRawText() ? 0 : 1;
        }

        string left = a.GetString()!;
        string right = b.GetString()!;
        if (left == right)
        {
            return 0;
        }

        int longest = Math.Max(left.Length, right.Length);
        int start = Prefix(left, right);
        int end = 0;
        while (end < Math.Min(left.Length, right.Length) - start && left[left.Length - 1 - end] == right[right.Length - 1 - end])
        {
            end++;
        }

        return Math.Max(0.01, 1 - ((double)(start + end) / longest));
    }

    private static string Difference(Dictionary<string, JsonElement> wanted, Dictionary<string, JsonElement> found, string path)
    {
        bool isNow = wanted.TryGetValue(path, out JsonElement now);
        bool was = found.TryGetValue(path, out JsonElement then);
        if (isNow && was && now.ValueKind == JsonValueKind.String && then.ValueKind == JsonValueKind.String)
        {
            string left = then.GetString()!;
            string right = now.GetString()!;
            int start = Math.Max(0, Prefix(left, right) - (LongestValue / 3));
            return $"{path} was '{Excerpt(left, start)}' and is '{Excerpt(right, start)}'";
        }

        return !was ? $"{path} is {Value(now)} and wasn't there"
            : !isNow ? $"{path} was {Value(then)} and isn't there"
            : $"{path} was {Value(then)} and is {Value(now)}";
    }

    private static int Prefix(string left, string right)
    {
        int length = 0;
        while (length < Math.Min(left.Length, right.Length) && left[length] == right[length])
        {
            length++;
        }

        return length;
    }

    private static string Value(JsonElement value) => value.ValueKind == JsonValueKind.String ? $"'{Excerpt(value.GetString()!, 0)}'" : Excerpt(value.GetRawText(), 0);

    private static string Excerpt(string text, int start)
    {
        // Between the halves of a pair, no text begins or ends.
        start = start > 0 && start < text.Length && char.IsLowSurrogate(text[start]) ? start - 1 : Math.Min(start, text.Length);
        int length = Math.Min(LongestValue, text.Length - start);
        length = length > 0 && start + length < text.Length && char.IsHighSurrogate(text[start + length - 1]) ? length - 1 : length;
        return (start > 0 ? "…" : string.Empty) + text.Substring(start, length) + (start + length < text.Length ? "…" : string.Empty);
    }

    private static Dictionary<string, JsonElement> Leaves(JsonElement element)
    {
        Dictionary<string, JsonElement> leaves = new(StringComparer.Ordinal);
        Add(element, string.Empty, leaves);
        return leaves;
    }

    private static void Add(JsonElement element, string path, Dictionary<string, JsonElement> leaves)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object when element.EnumerateObject().Any():
                foreach (JsonProperty member in element.EnumerateObject())
                {
                    Add(member.Value, path.Length == 0 ? member.Name : path + "." + member.Name, leaves);
                }

                break;
            case JsonValueKind.Array when element.GetArrayLength() > 0:
                int index = 0;
                foreach (JsonElement item in element.EnumerateArray())
                {
                    Add(item, FormattableString.Invariant($"{path}[{index++}]"), leaves);
                }

                break;
            default:
                leaves[path] = element;
                break;
        }
    }
}
