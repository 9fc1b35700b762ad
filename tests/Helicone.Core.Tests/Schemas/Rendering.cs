using System.Collections;
using System.Globalization;
using Helicone.Schemas;

namespace Helicone.Core.Tests.Schemas;

/// <summary>Writes a value of an answer with its types.</summary>
internal static class Rendering
{
    public static string Of(object? value) => value switch
    {
        null => "null",
        AnswerObject members => "{" + string.Join(", ", members.Members.Select(member => $"{member.Key}={Of(member.Value)}")) + "}",
        IList list => "[" + string.Join(", ", list.Cast<object?>().Select(Of)) + "]",
        DateTime or DateTimeOffset => $"{value.GetType().Name}:{((IFormattable)value).ToString("o", CultureInfo.InvariantCulture)}",
        DateOnly date => "DateOnly:" + date.ToString("o", CultureInfo.InvariantCulture),
        TimeOnly time => "TimeOnly:" + time.ToString("HH:mm:ss", CultureInfo.InvariantCulture),
        _ => $"{value.GetType().Name}:{Convert.ToString(value, CultureInfo.InvariantCulture)}",
    };
}
