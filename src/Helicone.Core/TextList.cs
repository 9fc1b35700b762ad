using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;

namespace Helicone;

/// <summary>A list that is text where a list can't be, such as in a CSV file: <c>openai, azure</c>.</summary>
internal sealed class TextList<T>(IList<T> items) : ReadOnlyCollection<T>(items)
{
    /// <summary>A list without items.</summary>
    public static TextList<T> None { get; } = new([]);

    /// <summary>A list with items.</summary>
    public static TextList<T> Of(IEnumerable<T> items) => items as TextList<T> ?? new TextList<T>(items as IList<T> ?? items.ToList());

    public override string ToString() => string.Join(", ", this);
}
