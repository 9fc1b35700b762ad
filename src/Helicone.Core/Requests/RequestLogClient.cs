using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Bulk;
using Helicone.Errors;
using Helicone.Http;

namespace Helicone.Requests;

/// <summary>The log of calls: <c>/v1/request</c> of the REST API.</summary>
/// <remarks>The log is written after the answer: a call may take seconds to appear, its scores minutes.</remarks>
public sealed class RequestLogClient
{
    /// <summary>The most rows that one page may have.</summary>
    internal const int MaxPage = 1000;

    private const int DefaultPage = 500;
    private const int BodiesAtOnce = 8;

    private readonly RestClient _rest;

    internal RequestLogClient(RestClient rest) => _rest = rest;

    /// <summary>The calls that a filter matches, newest first, page by page as they are asked for.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="first">The most of them; all when <see langword="null"/>.</param>
    /// <param name="includeBody">Indicates whether to fetch the bodies too, which takes a request for each row.</param>
    /// <exception cref="FormatException">A wildcard pattern is not valid.</exception>
    public AsyncSequence<LoggedRequest> List(RequestFilter? filter = null, int? first = null, bool includeBody = false)
    {
        filter ??= new RequestFilter();

        // Here and not with the first page: a pattern that cannot be used is refused before there is anything to read.
        _ = FilterNode.From(filter);
        return new(includeBody ? WithBodiesAsync(PagesAsync(filter, first)) : PagesAsync(filter, first));
    }

    /// <summary>One call.</summary>
    /// <exception cref="Errors.HeliconeException">There is no request with this id, or it can't be read.</exception>
    public async Task<LoggedRequest> GetAsync(string requestId, bool includeBody = false, CancellationToken cancellationToken = default)
    {
        using JsonDocument answer = await _rest.GetAsync($"v1/request/{Uri.EscapeDataString(requestId)}{(includeBody ? "?includeBody=true" : string.Empty)}", cancellationToken).ConfigureAwait(false);
        return RequestJson.Read(RestClient.Data(answer), includeBody);
    }

    /// <summary>Sets a property of a call that was already logged.</summary>
    public Task SetPropertyAsync(string requestId, string name, string value, CancellationToken cancellationToken = default) =>
        _rest.SetAsync("PUT", $"v1/request/{Uri.EscapeDataString(requestId)}/property", writer =>
        {
            writer.WriteString("key", name);
            writer.WriteString("value", value);
        }, cancellationToken);

    /// <summary>Sets feedback on a request.</summary>
    public Task SetFeedbackAsync(string requestId, bool rating, CancellationToken cancellationToken = default) =>
        _rest.SetAsync("POST", $"v1/request/{Uri.EscapeDataString(requestId)}/feedback", writer => writer.WriteBoolean("rating", rating), cancellationToken);

    /// <summary>Adds scores by name.</summary>
    public Task AddScoreAsync(string requestId, IReadOnlyDictionary<string, double> scores, CancellationToken cancellationToken = default) =>
        _rest.SetAsync("POST", $"v1/request/{Uri.EscapeDataString(requestId)}/score", writer =>
        {
            writer.WriteStartObject("scores");
            foreach (KeyValuePair<string, double> score in scores)
            {
                writer.WriteNumber(score.Key, score.Value);
            }

            writer.WriteEndObject();
        }, cancellationToken);

    private async IAsyncEnumerable<LoggedRequest> PagesAsync(RequestFilter filter, int? first, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // Pages go by offset: without an end, every call that comes in meanwhile would push a row from one page to the next.
        FilterNode node = FilterNode.From(filter with { Until = filter.Until ?? _rest.Now });
        HashSet<string> seen = new(StringComparer.OrdinalIgnoreCase);
        int given = 0;
        for (int offset = 0; first is null || given < first;)
        {
            int limit = Math.Min(first - given ?? DefaultPage, DefaultPage);
            List<LoggedRequest> page = await PageAsync(node, offset, limit, cancellationToken).ConfigureAwait(false);
            foreach (LoggedRequest row in page)
            {
                if (seen.Add(row.RequestId) && (first is null || given < first))
                {
                    given++;
                    yield return row;
                }
            }

            if (page.Count < limit)
            {
                yield break;
            }

            offset += page.Count;
        }
    }

    private async Task<List<LoggedRequest>> PageAsync(FilterNode filter, int offset, int limit, CancellationToken cancellationToken)
    {
        using JsonDocument answer = await _rest.QueryAsync("v1/request/query-clickhouse", writer =>
        {
            writer.WritePropertyName("filter");
            filter.WriteTo(writer);
            writer.WriteNumber("offset", offset);
            writer.WriteNumber("limit", limit);
            writer.WriteStartObject("sort");
            writer.WriteString("created_at", "desc");
            writer.WriteEndObject();
        }, cancellationToken).ConfigureAwait(false);
        return RestClient.Rows(answer).Select(row => RequestJson.Read(row, includeBody: false)).ToList();
    }

    /// <summary>The row with its bodies. One that has lost them stays, with the error; it does not end the listing.</summary>
    private async Task<LoggedRequest> WithBodyAsync(LoggedRequest row, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(row.RequestId, includeBody: true, cancellationToken).ConfigureAwait(false);
        }
        catch (HeliconeException e) when (e.Kind is not (HeliconeErrorKind.Unauthenticated or HeliconeErrorKind.Forbidden or HeliconeErrorKind.Unreachable))
        {
            return row with { BodyError = e };
        }
    }

    private async IAsyncEnumerable<LoggedRequest> WithBodiesAsync(IAsyncEnumerable<LoggedRequest> rows, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        CallWindow<LoggedRequest> window = new(BodiesAtOnce);
        try
        {
            await foreach (LoggedRequest row in rows.WithCancellation(stop.Token).ConfigureAwait(false))
            {
                window.Start(() => WithBodyAsync(row, stop.Token));
                while (window.IsFull)
                {
                    if (window.TryTake(out Task<LoggedRequest> ready))
                    {
                        yield return await ready.ConfigureAwait(false);
                    }
                    else
                    {
                        await window.WaitAsync().ConfigureAwait(false);
                    }
                }
            }

            while (window.Count > 0)
            {
                if (window.TryTake(out Task<LoggedRequest> ready))
                {
                    yield return await ready.ConfigureAwait(false);
                }
                else
                {
                    await window.WaitAsync().ConfigureAwait(false);
                }
            }
        }
        finally
        {
            // Whoever stops reading stops the fetching.
            stop.Cancel();
        }
    }
}
