using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Http;

namespace Helicone.Requests;

/// <summary>The end users of the log: <c>POST /v1/user/query</c>.</summary>
public sealed class UserLogClient
{
    private readonly RestClient _rest;

    internal UserLogClient(RestClient rest) => _rest = rest;

    /// <summary>The users with a call in a span of time. The API gives them in one piece.</summary>
    /// <param name="userIds">The ids to list. All users if it is empty or <see langword="null"/>.</param>
    /// <param name="since">From when on.</param>
    /// <param name="until">Until when.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<IReadOnlyList<LoggedUser>> ListAsync(IReadOnlyList<string>? userIds = null, DateTimeOffset? since = null, DateTimeOffset? until = null, CancellationToken cancellationToken = default)
    {
        using JsonDocument answer = await _rest.QueryAsync("v1/user/query", writer =>
        {
            if (userIds is { Count: > 0 })
            {
                writer.WriteStartArray("userIds");
                foreach (string id in userIds)
                {
                    writer.WriteStringValue(id);
                }

                writer.WriteEndArray();
            }

            // Seconds here, where sessions have milliseconds.
            writer.WriteStartObject("timeFilter");
            writer.WriteNumber("startTimeUnixSeconds", since?.ToUnixTimeSeconds() ?? 0);
            writer.WriteNumber("endTimeUnixSeconds", (until ?? _rest.Now).ToUnixTimeSeconds() + (until is null ? 1 : 0));
            writer.WriteEndObject();
        }, cancellationToken).ConfigureAwait(false);
        return RestClient.Rows(answer).Select(row => new LoggedUser
        {
            UserId = RequestJson.Text(row, "user_id") ?? string.Empty,
            Requests = RequestJson.Whole(row, "count") ?? 0,
            Cost = RequestJson.Money(row, "cost"),
            UnpricedRequests = RequestJson.Whole(row, "unpriced_requests"),
            PromptTokens = RequestJson.Whole(row, "prompt_tokens") ?? 0,
            CompletionTokens = RequestJson.Whole(row, "completion_tokens") ?? 0,
        }).ToArray();
    }
}
