using System;
using System.Collections.Frozen;
using Helicone.LocalGateway.Errors;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Requests;

/// <summary>The paths that this gateway serves, and its answer to the others.</summary>
/// <remarks>
/// On Helicone's cloud every POST is a chat, whatever its path. Here so is every POST with the body of a chat, except on the paths of OpenAI's
/// other operations: an embeddings client that receives a chat, or an error about a missing model, leads its user to the wrong cause.
/// </remarks>
internal static class ServedPaths
{
    private const string Served =
        "The local gateway serves POST /v1/chat/completions, GET /v1/models, GET /v1/models/{id}, GET /v1/public/model-registry/models, GET /healthcheck, " +
        "POST /custom/v1/log, and the log's API under /v1/request, /v1/session and /v1/user.";

    private const int LongestPath = 200;

    private static readonly FrozenSet<string> s_otherOperations = new[]
    {
        "assistants", "audio", "batches", "completions", "containers", "conversations", "edits", "embeddings", "engines", "evals", "files", "fine-tunes",
        "fine_tuning", "images", "moderations", "ocr", "realtime", "rerank", "threads", "uploads", "vector_stores", "videos",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="RequestRefusedException">404: the path is that of another operation.</exception>
    public static void RefuseOtherOperations(HttpRequest request)
    {
        ReadOnlySpan<char> path = WithoutVersion(request);
        int end = path.IndexOf('/');
        if (s_otherOperations.Contains((end < 0 ? path : path[..end]).ToString()))
        {
            throw NotFound(request);
        }
    }

    /// <summary>Indicates whether the path itself means a chat, or a call of the Responses API.</summary>
    public static bool IsChat(HttpRequest request)
    {
        ReadOnlySpan<char> path = WithoutVersion(request);
        return path.IsEmpty || path.EndsWith("chat/completions", StringComparison.OrdinalIgnoreCase) || path.Contains("responses", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Indicates whether the path is that of Anthropic's Messages API.</summary>
    public static bool IsAnthropic(HttpRequest request)
    {
        ReadOnlySpan<char> path = WithoutVersion(request);
        return path.Equals("messages", StringComparison.OrdinalIgnoreCase) || path.EndsWith("/v1/messages", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>404: names the path and what there is.</summary>
    public static RequestRefusedException NotFound(HttpRequest request) =>
        RequestErrors.Create(404, $"{request.Method} {Shown(request)} doesn't exist on the local gateway. {Served}", "unknown_url");

    private static string Shown(HttpRequest request)
    {
        string path = request.Path.ToUriComponent();
        return path.Length <= LongestPath ? path : path[..LongestPath] + "…";
    }

    private static ReadOnlySpan<char> WithoutVersion(HttpRequest request)
    {
        ReadOnlySpan<char> path = request.Path.Value.AsSpan().Trim('/');
        return path.Equals("v1", StringComparison.OrdinalIgnoreCase) ? []
            : path.StartsWith("v1/", StringComparison.OrdinalIgnoreCase) ? path["v1/".Length..]
            : path;
    }
}
