using System;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Http;
using Helicone.Offline;
using Helicone.Requests;

namespace Helicone.Dashboard;

/// <summary>The addresses of the dashboard: Helicone's on the cloud, the gateway's page on this computer.</summary>
/// <remarks>
/// On the cloud the browser has a separate login. The page of the local gateway requires its key once; the key itself never becomes part of an
/// address, which histories and process lists keep: <c>POST dashboard/token</c> gives a token that works one time.
/// </remarks>
public sealed class DashboardClient
{
    private readonly RestClient _rest;
    private readonly HeliconeOptions _options;

    internal DashboardClient(RestClient rest, HeliconeOptions options)
    {
        _rest = rest;
        _options = options;
    }

    /// <summary>The page of all calls.</summary>
    /// <returns>The address; <see langword="null"/> when it is unknown, for a self-hosted Helicone.</returns>
    /// <exception cref="HeliconeException">The local gateway gives no token.</exception>
    public Task<Uri?> GetPageAsync(CancellationToken cancellationToken = default) => GetAsync("requests", string.Empty, cancellationToken);

    /// <summary>The page of a call.</summary>
    /// <inheritdoc cref="GetPageAsync"/>
    public Task<Uri?> GetRequestPageAsync(string requestId, CancellationToken cancellationToken = default) =>
        GetAsync("requests?requestId=" + Uri.EscapeDataString(requestId), "requests/" + Uri.EscapeDataString(requestId), cancellationToken);

    /// <summary>The page of a session.</summary>
    /// <param name="sessionId">Its id.</param>
    /// <param name="name">Its name, which the cloud has in the address.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <inheritdoc cref="GetPageAsync"/>
    public Task<Uri?> GetSessionPageAsync(string sessionId, string? name = null, CancellationToken cancellationToken = default)
    {
        string id = Uri.EscapeDataString(sessionId);
        return GetAsync(string.IsNullOrEmpty(name) ? "sessions/" + id : $"sessions/{Uri.EscapeDataString(name!)}/{id}", "sessions/" + id, cancellationToken);
    }

    private async Task<Uri?> GetAsync(string cloudPath, string localPath, CancellationToken cancellationToken)
    {
        if (_options.IsInProcess)
        {
            throw NotOffline.Exception("The dashboard");
        }

        if (_options.ApiUri.IsLoopback)
        {
            string token = await GetTokenAsync(cancellationToken).ConfigureAwait(false);
            return HeliconeTransport.Combine(_options.ApiUri, $"{localPath}?token={Uri.EscapeDataString(token)}");
        }

        string? root = _options.ApiUri.Host switch
        {
            "api.helicone.ai" => "https://us.helicone.ai/",
            "eu.api.helicone.ai" => "https://eu.helicone.ai/",
            _ => null,
        };
        return root is null ? null : new Uri(root + cloudPath);
    }

    private async Task<string> GetTokenAsync(CancellationToken cancellationToken)
    {
        // Asked again when the answer is lost: a token that nobody uses opens nothing.
        using JsonDocument answer = await _rest.QueryAsync("dashboard/token", static _ => { }, cancellationToken).ConfigureAwait(false);
        JsonElement data = RestClient.Data(answer);
        return data.ValueKind == JsonValueKind.Object && RequestJson.Text(data, "token") is { Length: > 0 } token
            ? token
            : throw new HeliconeException(HeliconeErrorKind.MalformedResponse, "The gateway's answer has no token for its page.");
    }
}
