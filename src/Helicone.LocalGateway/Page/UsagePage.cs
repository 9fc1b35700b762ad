using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Query;
using Microsoft.Data.Sqlite;

namespace Helicone.LocalGateway.Page;

/// <summary><c>/usage</c>: spend and latency over time by model, and the savings of the cache. The default is one hour. Latencies are accurate to about 5 %.</summary>
internal sealed class UsagePage(RequestLog log, PageTimes times)
{
    private const int Buckets = 30;
    private const int MostModels = 6;
    private const long Minute = 60_000;

    private static readonly (string Name, string Label, long Span)[] s_spans =
    [
        ("15m", "15 minutes", 15 * Minute), ("1h", "hour", 60 * Minute), ("6h", "6 hours", 360 * Minute), ("24h", "24 hours", 1440 * Minute), ("7d", "7 days", 7 * 1440 * Minute), ("30d", "30 days", 30 * 1440 * Minute),
    ];

    public async Task<Markup> ShowAsync(string? wanted, CancellationToken cancellationToken)
    {
        (string name, string label, long span) = s_spans.FirstOrDefault(s => s.Name == wanted, s_spans[1]);
        long width = span / Buckets;
        long end = times.Now;

        // What is added up begins with a slot.
        long start = width < LogTransaction.UsageSlot ? end - span : (end - span) / LogTransaction.UsageSlot * LogTransaction.UsageSlot;
        Dictionary<(string Model, int Bucket), UsageBucket> cells = [];
        Dictionary<string, UsageBucket> models = [];
        UsageBucket all = new();
        await log.ReadAsync(connection => Fill(connection, start, end, width, cells, models, all), cancellationToken);

        Markup page = new Markup().Add($"<div class=\"head\"><h1>Usage</h1><nav class=\"spans\" aria-label=\"Span of time\"><ul>");
        foreach ((string other, string text, long _) in s_spans)
        {
            page.Add($"<li><a href=\"/usage?span={other}\"{(other == name ? new Markup().Add($" aria-current=\"true\"") : new Markup())}>{text}</a></li>");
        }

        page.Add($"</ul></nav></div><p class=\"dim\">The last {label}, from {times.Mark(start, "yyyy-MM-dd HH:mm")} on.</p>");
        page.Add($"<dl class=\"tiles\"><div><dt>Calls</dt><dd>{Shown.Count(all.Calls)}</dd></div><div><dt>Spend</dt><dd>{Shown.Spend(all.Cost, all.Unpriced)}</dd></div><div><dt>Tokens</dt><dd>{Shown.Count(all.Tokens)}</dd></div><div><dt>Failed</dt><dd>{Shown.Share(all.Failed, all.Calls)}</dd></div><div><dt>Cache hits</dt><dd>{Shown.Share(all.Hits, all.Calls)}</dd></div><div><dt>Latency, median</dt><dd>≈ {Shown.Duration(all.Latency(0.5))}</dd></div></dl>");
        if (all.Calls == 0)
        {
            return PageFrame.Around("Usage", "Usage", page.Add($"<p class=\"empty\">No calls in this time.</p>"), times.Zone);
        }

        List<string> shown = [.. models.OrderByDescending(m => m.Value.Cost).ThenByDescending(m => m.Value.Calls).ThenBy(m => m.Key, StringComparer.Ordinal).Take(MostModels).Select(m => m.Key)];
        AddLegend(page, shown, models.Count);
        page.Add($"<div class=\"charts\">");
        AddSpend(page, cells, shown, start, width);
        AddLatency(page, cells, shown, start, width);
        page.Add($"</div>");
        AddModels(page, models);
        AddTimes(page, cells, start, width);
        return PageFrame.Around("Usage", "Usage", page, times.Zone);
    }

    /// <summary>Short spans from the calls themselves, to the millisecond; long ones from what the log has added up.</summary>
    private static bool Fill(SqliteConnection connection, long start, long end, long width, Dictionary<(string Model, int Bucket), UsageBucket> cells, Dictionary<string, UsageBucket> models, UsageBucket all)
    {
        using Statement row = (width < LogTransaction.UsageSlot
            ? new Sql("SELECT c.created_at, c.model, c.latency_ms, 1, c.status NOT BETWEEN 200 AND 399, c.cache_reference IS NOT NULL, c.total_tokens, c.cost, c.unpriced FROM call c WHERE c.created_at BETWEEN ? AND ?", start, end)
            : new Sql("SELECT u.slot * ?, u.model, u.latency, u.calls, u.failed, u.hits, u.tokens, u.cost, u.unpriced FROM usage u WHERE u.slot BETWEEN ? AND ?", LogTransaction.UsageSlot, start / LogTransaction.UsageSlot, end / LogTransaction.UsageSlot)).Prepare(connection);
        // Neighbours are mostly of one time and model: what that is gets read once for them.
        byte[] name = [];
        int at = -1;
        UsageBucket? cell = null;
        while (row.Next())
        {
            int bucket = (int)Math.Clamp((row.Number(0) - start) / width, 0, Buckets - 1);
            ReadOnlySpan<byte> model = row.Bytes(1);
            if (cell is null || bucket != at || !model.SequenceEqual(name))
            {
                name = model.ToArray();
                at = bucket;
                (string, int) key = (Encoding.UTF8.GetString(name), bucket);
                if (!cells.TryGetValue(key, out cell))
                {
                    cells.Add(key, cell = new UsageBucket());
                }
            }

            long latency = width < LogTransaction.UsageSlot ? LatencyClass.Of(row.Number(2)) : row.Number(2);
            cell.Add(latency, row.Number(3), row.Number(4), row.Number(5), row.Number(6), row.Real(7), row.Number(8));
        }

        foreach (((string model, int _), UsageBucket part) in cells)
        {
            if (!models.TryGetValue(model, out UsageBucket? ofModel))
            {
                models.Add(model, ofModel = new UsageBucket());
            }

            ofModel.Add(part);
            all.Add(part);
        }

        return true;
    }

    private static void AddLegend(Markup page, List<string> shown, int count)
    {
        page.Add($"<ul class=\"legend\" aria-label=\"Colours of the charts\">");
        for (int i = 0; i < shown.Count; i++)
        {
            page.Add($"<li><svg width=\"12\" height=\"12\" aria-hidden=\"true\"><rect class=\"s{i}\" width=\"12\" height=\"12\" rx=\"3\"/></svg> <bdi>{Name(shown[i])}</bdi></li>");
        }

        if (count > shown.Count)
        {
            page.Add($"<li><svg width=\"12\" height=\"12\" aria-hidden=\"true\"><rect class=\"s6\" width=\"12\" height=\"12\" rx=\"3\"/></svg> {count - shown.Count} others</li>");
        }

        page.Add($"</ul>");
    }

    private void AddSpend(Markup page, Dictionary<(string Model, int Bucket), UsageBucket> cells, List<string> shown, long start, long width)
    {
        double[,] costs = new double[Buckets, MostModels + 1];
        foreach (((string model, int bucket), UsageBucket cell) in cells)
        {
            int series = shown.IndexOf(model);
            costs[bucket, series < 0 ? MostModels : series] += cell.Cost;
        }

        double most = Enumerable.Range(0, Buckets).Max(b => Enumerable.Range(0, MostModels + 1).Sum(s => costs[b, s]));
        BeginChart(page, "Spend over time by model", most > 0 ? Shown.Cost(most) : "$0");
        for (int b = 0; b < Buckets; b++)
        {
            double y = 150;
            for (int s = 0; s <= MostModels && most > 0; s++)
            {
                double height = 140 * costs[b, s] / most;
                if (height > 0)
                {
                    y -= height;
                    page.Add($"<rect class=\"s{s}\" x=\"{(b * 20) + 2}\" y=\"{y}\" width=\"16\" height=\"{Math.Max(height, 0.5)}\"><title>{times.Format(start + (b * width), "MM-dd HH:mm")} · {(s < shown.Count ? Name(shown[s]) : "others")} · {Shown.Cost(costs[b, s])}</title></rect>");
                }
            }
        }

        EndChart(page, start, width);
    }

    private void AddLatency(Markup page, Dictionary<(string Model, int Bucket), UsageBucket> cells, List<string> shown, long start, long width)
    {
        double most = Math.Max(cells.Where(c => shown.Contains(c.Key.Model)).Max(c => c.Value.Latency(0.5)), 1);
        BeginChart(page, "Median latency over time by model", Shown.Duration(most));
        for (int s = 0; s < shown.Count; s++)
        {
            List<(double X, double Y, string Text)> points = [];
            for (int b = 0; b < Buckets; b++)
            {
                if (cells.TryGetValue((shown[s], b), out UsageBucket? cell))
                {
                    points.Add(((b * 20) + 10, 150 - (140 * cell.Latency(0.5) / most), $"{times.Format(start + (b * width), "MM-dd HH:mm")} · {Name(shown[s])} · ≈ {Shown.Duration(cell.Latency(0.5))}"));
                }
            }

            page.Add($"<polyline class=\"l{s}\" points=\"{string.Join(' ', points.Select(p => FormattableString.Invariant($"{p.X:0.#},{p.Y:0.#}")))}\"/>");
            foreach ((double x, double y, string text) in points)
            {
                page.Add($"<circle class=\"s{s}\" cx=\"{x}\" cy=\"{y}\" r=\"3\"><title>{text}</title></circle>");
            }
        }

        EndChart(page, start, width);
    }

    private static void BeginChart(Markup page, string title, string most)
    {
        page.Add($"<figure class=\"card\"><figcaption>{title}</figcaption><svg class=\"chart\" viewBox=\"0 0 600 176\" role=\"img\" aria-label=\"{title}; the tables below contain the same values\"><line class=\"grid\" x1=\"0\" x2=\"600\" y1=\"10\" y2=\"10\"/><line class=\"grid\" x1=\"0\" x2=\"600\" y1=\"80\" y2=\"80\"/><line class=\"axis\" x1=\"0\" x2=\"600\" y1=\"150\" y2=\"150\"/><text x=\"0\" y=\"8\">{most}</text>");
    }

    private void EndChart(Markup page, long start, long width)
    {
        string format = width * Buckets > 1440 * Minute ? "MM-dd" : "HH:mm";
        page.Add($"<text x=\"0\" y=\"168\">{times.Format(start, format)}</text><text x=\"300\" y=\"168\" text-anchor=\"middle\">{times.Format(start + (width * Buckets / 2), format)}</text><text x=\"600\" y=\"168\" text-anchor=\"end\">{times.Format(start + (width * Buckets), format)}</text></svg></figure>");
    }

    private static void AddModels(Markup page, Dictionary<string, UsageBucket> models)
    {
        page.Add($"<h2 id=\"by-model\">By model</h2><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"by-model\"><table class=\"rows\"><thead><tr><th scope=\"col\">Model</th><th scope=\"col\" class=\"n\">Calls</th><th scope=\"col\" class=\"n\">Failed</th><th scope=\"col\" class=\"n\">Cache hits</th><th scope=\"col\" class=\"n\">Tokens</th><th scope=\"col\" class=\"n\">Spend</th><th scope=\"col\" class=\"n\">Median</th><th scope=\"col\" class=\"n\">95 % within</th></tr></thead><tbody>");
        foreach ((string model, UsageBucket bucket) in models.OrderByDescending(m => m.Value.Cost).ThenByDescending(m => m.Value.Calls).Take(100))
        {
            page.Add($"<tr><th scope=\"row\"><a href=\"/?model={Uri.EscapeDataString(model)}\"><bdi>{Name(model)}</bdi></a></th>{Cells(bucket)}</tr>");
        }

        page.Add($"</tbody></table></div>");
    }

    private void AddTimes(Markup page, Dictionary<(string Model, int Bucket), UsageBucket> cells, long start, long width)
    {
        page.Add($"<details><summary>Over time, as a table</summary><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Over time\"><table class=\"rows\"><thead><tr><th scope=\"col\">From</th><th scope=\"col\">Model</th><th scope=\"col\" class=\"n\">Calls</th><th scope=\"col\" class=\"n\">Failed</th><th scope=\"col\" class=\"n\">Cache hits</th><th scope=\"col\" class=\"n\">Tokens</th><th scope=\"col\" class=\"n\">Spend</th><th scope=\"col\" class=\"n\">Median</th><th scope=\"col\" class=\"n\">95 % within</th></tr></thead><tbody>");
        foreach (((string model, int bucket), UsageBucket cell) in cells.OrderByDescending(c => c.Key.Bucket).ThenByDescending(c => c.Value.Cost).Take(500))
        {
            page.Add($"<tr><th scope=\"row\">{times.Mark(start + (bucket * width), "MM-dd HH:mm:ss")}</th><td><bdi>{Name(model)}</bdi></td>{Cells(cell)}</tr>");
        }

        page.Add($"</tbody></table></div></details>");
    }

    private static Markup Cells(UsageBucket bucket) => new Markup().Add($"<td class=\"n\">{Shown.Count(bucket.Calls)}</td><td class=\"n\">{Shown.Count(bucket.Failed)}</td><td class=\"n\">{Shown.Share(bucket.Hits, bucket.Calls)}</td><td class=\"n\">{Shown.Count(bucket.Tokens)}</td><td class=\"n\">{Shown.Spend(bucket.Cost, bucket.Unpriced)}</td><td class=\"n\">≈ {Shown.Duration(bucket.Latency(0.5))}</td><td class=\"n\">≈ {Shown.Duration(bucket.Latency(0.95))}</td>");

    private static string Name(string model) => model.Length == 0 ? "(none)" : Shown.Line(model, 48);
}
