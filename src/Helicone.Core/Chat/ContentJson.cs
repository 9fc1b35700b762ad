using System;
using System.Text;
using Helicone.Serialization;

namespace Helicone.Chat;

/// <summary>Plain values as compact JSON, to be read by a model.</summary>
public static class ContentJson
{
    /// <summary>Writes text, numbers, booleans, dates, lists, and dictionaries as JSON without white space.</summary>
    /// <exception cref="ArgumentException">A value has no JSON form; the message names it.</exception>
    public static string Write(object? value) => Encoding.UTF8.GetString(JsonText.Utf8(writer => PlainJson.Write(writer, value, "Input")));
}
