using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Helicone.LocalGateway.Page;

/// <summary>Builds HTML. Literals are markup, and interpolated values are text, which is encoded: there is no other way to add text.</summary>
internal sealed class Markup
{
    private static readonly HtmlEncoder s_encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly StringBuilder _text = new();

    public Markup Add([InterpolatedStringHandlerArgument("")] Handler markup)
    {
        // The compiler has had it written hole by hole before it came here.
        _ = markup;
        return this;
    }

    public override string ToString() => _text.ToString();

    /// <summary>Writes the pieces of an interpolated string, each in its way.</summary>
    [InterpolatedStringHandler]
    internal readonly struct Handler
    {
#pragma warning disable IDE0060 // The compiler passes the first two.
        public Handler(int literalLength, int formattedCount, Markup target) => Target = target;
#pragma warning restore IDE0060

        private Markup Target { get; }

        public void AppendLiteral(string markup) => Target._text.Append(markup);

        public void AppendFormatted(string? text)
        {
            if (text is not null)
            {
                Target._text.Append(s_encoder.Encode(text));
            }
        }

        public void AppendFormatted(long number) => Target._text.Append(number);

        public void AppendFormatted(double number) => Target._text.Append(number.ToString("0.###", CultureInfo.InvariantCulture));

        public void AppendFormatted(Markup inner) => Target._text.Append(inner._text);
    }
}
