using System;
using System.Globalization;
using System.Text;
using System.Threading.Tasks;
using Helicone.LocalGateway.Authentication;
using Helicone.LocalGateway.Errors;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Helicone.LocalGateway.Page;

/// <summary>The page: which of its addresses is what, and who may see it. A cookie opens these GETs and nothing else; the API goes on asking for the key.</summary>
internal sealed class PageRequests
{
    private const string Html = "text/html; charset=utf-8";
    private const string PlainText = "text/plain; charset=utf-8";
    private const string TokenPath = "/dashboard/token";
    private const string SignInPath = "/dashboard/sign-in";
    private const string RequestPrefix = "/requests/";
    private const string SessionPrefix = "/sessions/";

    private readonly Authenticator _authenticator;
    private readonly PageAccess _access;
    private readonly PageTimes _times;
    private readonly RequestListPage _requests;
    private readonly RequestPage _request;
    private readonly SessionListPage _sessions;
    private readonly SessionPage _session;
    private readonly UsagePage _usage;

    public PageRequests(Authenticator authenticator, RequestLog log, TimeProvider time, Func<LogOptions> retention)
    {
        _authenticator = authenticator;
        _access = new PageAccess(time);
        _times = new PageTimes(time);
        _requests = new RequestListPage(log, _times, retention);
        _request = new RequestPage(log, _times);
        _sessions = new SessionListPage(log, _times);
        _session = new SessionPage(log, _times);
        _usage = new UsagePage(log, _times);
    }

    /// <summary>Answers, if the request is one for the page.</summary>
    /// <returns>Indicates whether it was.</returns>
    /// <exception cref="RequestRefusedException">A token was wanted without the key.</exception>
    public async ValueTask<bool> TryHandleAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        string path = request.Path.Value ?? string.Empty;
        if (HttpMethods.IsPost(request.Method) && path is TokenPath or SignInPath)
        {
            PageFrame.SetHeaders(context.Response);
            await (path == TokenPath ? IssueTokenAsync(context) : SignInAsync(context));
            return true;
        }

        if (!HttpMethods.IsGet(request.Method))
        {
            return false;
        }

        if (PageAssets.Find(path) is { } asset)
        {
            PageFrame.SetHeaders(context.Response);
            await WriteAsync(context, 200, asset.ContentType, asset.Content);
            return true;
        }

        if (path is not ("/" or "/sessions" or "/usage") && !path.StartsWith(RequestPrefix, StringComparison.Ordinal) && !path.StartsWith(SessionPrefix, StringComparison.Ordinal))
        {
            return false;
        }

        PageFrame.SetHeaders(context.Response);
        if (request.Query["token"].ToString() is { Length: > 0 } token)
        {
            await EnterAsync(context, token);
        }
        else if (request.Cookies[CookieName(context)] is { } session && _access.IsOpen(session))
        {
            await ShowAsync(context, path);
        }
        else
        {
            await AskAsync(context, 401, problem: null);
        }

        return true;
    }

    // Cookies ignore ports: two gateways on one machine would sign each other out.
    private static string CookieName(HttpContext context) => string.Create(CultureInfo.InvariantCulture, $"helicone-{context.Connection.LocalPort}");

    private Task IssueTokenAsync(HttpContext context)
    {
        _authenticator.CheckApi(context.Request);
        return WriteAsync(context, 200, "application/json", Encoding.UTF8.GetBytes($$"""{"token":"{{_access.IssueToken()}}"}"""));
    }

    /// <summary>The form with the key. Only this page may send it.</summary>
    private async Task SignInAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (!request.Headers.Origin.ToString().Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase))
        {
            await AskAsync(context, 403, "The form wasn't sent from this page.");
            return;
        }

        using PooledBuffer body = await RequestReader.ReadWholeAsync(request, context.RequestAborted);
        string key = body.Length <= 4096 ? QueryHelpers.ParseQuery(Encoding.UTF8.GetString(body.WrittenMemory.Span))["key"].ToString() : string.Empty;
        if (_authenticator.Matches(key.Trim()))
        {
            Open(context, _access.OpenSession());
            Redirect(context, "/");
        }
        else
        {
            await AskAsync(context, 403, "This isn't the key of this gateway.");
        }
    }

    /// <summary>Removes the token from the address.</summary>
    private async Task EnterAsync(HttpContext context, string token)
    {
        if (_access.Exchange(token) is not { } session)
        {
            await AskAsync(context, 401, "This link has been used or has expired. To create a new one, run Open-HeliconeDashboard.");
            return;
        }

        QueryString rest = QueryString.Empty;
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues value) in context.Request.Query)
        {
            rest = name == "token" ? rest : rest.Add(name, value.ToString());
        }

        Open(context, session);
        Redirect(context, RawPath.Of(context) + rest.ToUriComponent());
    }

    private static void Open(HttpContext context, string session) => context.Response.Cookies.Append(CookieName(context), session, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" });

    private static void Redirect(HttpContext context, string address)
    {
        context.Response.StatusCode = 303;
        context.Response.Headers.Location = address;
    }

    private static Task AskAsync(HttpContext context, int statusCode, string? problem)
    {
        // With no-referrer a browser would send the form with "Origin: null", as if it came from a stranger.
        context.Response.Headers["Referrer-Policy"] = "same-origin";
        return WriteAsync(context, statusCode, Html, Encoding.UTF8.GetBytes(SignInPage.Show(problem).ToString()));
    }

    private async Task ShowAsync(HttpContext context, string path)
    {
        IQueryCollection query = context.Request.Query;
        Markup? page;
        try
        {
            switch (path)
            {
                case "/":
                    page = await _requests.ShowAsync(query, context.RequestAborted);
                    break;
                case "/sessions":
                    page = await _sessions.ShowAsync(query["before"], context.RequestAborted);
                    break;
                case "/usage":
                    page = await _usage.ShowAsync(query["span"], context.RequestAborted);
                    break;
                case var _ when path.StartsWith(SessionPrefix, StringComparison.Ordinal):
                    page = await _session.ShowAsync(Uri.UnescapeDataString(RawPath.Of(context)[SessionPrefix.Length..]), query["after"], context.RequestAborted);
                    break;
                default:
                    string[] parts = path[RequestPrefix.Length..].Split('/');
                    if (!Guid.TryParse(parts[0], out Guid id))
                    {
                        page = null;
                    }
                    else if (parts.Length == 2 && parts[1] is "request" or "response")
                    {
                        await ShowBodyAsync(context, id, parts[1] == "request");
                        return;
                    }
                    else
                    {
                        page = parts.Length == 1 ? await _request.ShowAsync(id, context.RequestAborted) : null;
                    }

                    break;
            }
        }
        catch (TimeoutException timeout)
        {
            await WriteAsync(context, 503, Html, Problem("Too slow", timeout.Message));
            return;
        }

        if (page is null)
        {
            await WriteAsync(context, 404, Html, Problem("Not found", "The log has no entry for this address."));
            return;
        }

        await WriteAsync(context, 200, Html, Encoding.UTF8.GetBytes(page.ToString()));
    }

    private async Task ShowBodyAsync(HttpContext context, Guid id, bool isRequest)
    {
        byte[]? body = await _request.BodyAsync(id, isRequest, context.RequestAborted);
        await WriteAsync(context, body is null ? 404 : 200, PlainText, body ?? "The log doesn't contain this body."u8.ToArray());
    }

    private byte[] Problem(string title, string text) =>
        Encoding.UTF8.GetBytes(PageFrame.Around(title, string.Empty, new Markup().Add($"<h1>{title}</h1><p class=\"problem\" role=\"alert\">{text}</p><p><a href=\"/\">Requests</a></p>"), _times.Zone).ToString());

    private static async Task WriteAsync(HttpContext context, int statusCode, string contentType, byte[] content)
    {
        HttpResponse response = context.Response;
        response.StatusCode = statusCode;
        response.ContentType = contentType;
        response.ContentLength = content.Length;
        await response.BodyWriter.WriteAsync(content, context.RequestAborted);
    }
}
