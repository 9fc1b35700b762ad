using System;
using System.Collections;
using System.Collections.Generic;
using System.Collections.Specialized;
using System.Globalization;
using System.Linq;

namespace Helicone.Serialization;

/// <summary>The order in which the fields of a dictionary are written.</summary>
/// <remarks>
/// .NET seeds string hashes for each process, so a hashtable has a different order in the next process. Caches compare bytes, which means
/// that the same request must be the same bytes in every process.
/// </remarks>
internal static class DictionaryOrder
{
    /// <summary>The fields in the order of the dictionary where it has one, and sorted by name where it does not.</summary>
    internal static IEnumerable<KeyValuePair<string, object?>> Fields(object dictionary)
    {
        IEnumerable<KeyValuePair<string, object?>> fields = dictionary as IEnumerable<KeyValuePair<string, object?>> ?? Named((IDictionary)dictionary);
        return KeepsOrder(dictionary) ? fields : fields.OrderBy(static field => field.Key, StringComparer.Ordinal);
    }

    private static IEnumerable<KeyValuePair<string, object?>> Named(IDictionary dictionary)
    {
        foreach (DictionaryEntry entry in dictionary)
        {
            yield return new(Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!, entry.Value);
        }
    }

    // Dictionary<,> enumerates its entries in the order in which they were added, whatever their hashes are.
    private static bool KeepsOrder(object dictionary) =>
        dictionary is IOrderedDictionary || (dictionary.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(Dictionary<,>));
}
