using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace Helicone.LocalGateway.Query;

/// <summary>How many values lie in each of ten equal ranges (HistogramRow).</summary>
internal static class Histogram
{
    private const int Ranges = 10;

    /// <param name="json">Where it goes.</param>
    /// <param name="values">The values.</param>
    /// <param name="percentile">Up to which they count: <c>p50</c> to <c>p99.9</c>.</param>
    /// <param name="interquartile">Indicates whether the middle half counts instead.</param>
    public static void Write(Utf8JsonWriter json, IEnumerable<double> values, string percentile, bool interquartile)
    {
        double[] sorted = [.. values.Order()];
        double from = interquartile ? 0.25 : 0;
        double to = interquartile ? 0.75 : Share(percentile);
        json.WriteStartArray();
        if (sorted.Length > 0)
        {
            double least = sorted[Index(sorted, from)];
            double most = sorted[Index(sorted, to)];
            double width = (most - least) / Ranges;
            for (int i = 0; i < (width > 0 ? Ranges : 1); i++)
            {
                double start = least + (width * i);
                double end = i == Ranges - 1 || width == 0 ? most : start + width;
                bool isLast = end >= most;
                json.WriteStartObject();
                WriteNumber(json, "range_start"u8, start);
                WriteNumber(json, "range_end"u8, end);
                json.WriteNumber("value"u8, sorted.Count(v => v >= start && (isLast ? v <= end : v < end)));
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    private static int Index(double[] sorted, double share) => Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1);

    private static double Share(string percentile) => percentile switch
    {
        "p50" => 0.5,
        "p75" => 0.75,
        "p95" => 0.95,
        "p99" => 0.99,
        "p99.9" => 0.999,
        _ => throw new QueryRefusedException($"pSize is p50, p75, p95, p99 or p99.9, not '{percentile}'.", 400),
    };

    // HistogramRow has the ends as texts.
    private static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, double value) =>
        json.WriteString(name, ((decimal)value).ToString(System.Globalization.CultureInfo.InvariantCulture));
}
