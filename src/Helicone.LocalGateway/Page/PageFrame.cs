using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Page;

/// <summary>What is around every page.</summary>
internal static class PageFrame
{
    /// <summary>The whole document.</summary>
    /// <param name="title">Of the page.</param>
    /// <param name="here">The part of the page that it belongs to; <see langword="null"/> for whoever is not signed in.</param>
    /// <param name="content">The page.</param>
    /// <param name="zone">The zone of its times.</param>
    public static Markup Around(string title, string? here, Markup content, string? zone) => new Markup().Add($"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{title} · Helicone local gateway</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="/assets/page.css">
        <script src="/assets/page.js" defer></script>
        </head>
        <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header class="top">
        <span class="brand"><img src="/assets/icon.svg" alt="" width="22" height="22">Helicone <span class="dim">local gateway</span></span>
        {Navigation(here)}
        </header>
        <main id="content" tabindex="-1">
        {content}
        </main>
        <footer>{Foot(zone)}</footer>
        </body>
        </html>

        """);

    /// <summary>What every answer of the page carries, assets and refusals included.</summary>
    public static void SetHeaders(HttpResponse response)
    {
        IHeaderDictionary headers = response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }

    private static Markup Navigation(string? here) => here is null
        ? new Markup()
        : new Markup().Add($"<nav aria-label=\"Pages\"><ul>{Link("/", "Requests", here)}{Link("/sessions", "Sessions", here)}{Link("/usage", "Usage", here)}</ul></nav>");

    private static Markup Link(string address, string name, string here) => name == here
        ? new Markup().Add($"<li><a href=\"{address}\" aria-current=\"page\">{name}</a></li>")
        : new Markup().Add($"<li><a href=\"{address}\">{name}</a></li>");

    private static Markup Foot(string? zone) => zone is null
        ? new Markup().Add($"This page comes from the gateway on this computer.")
        : new Markup().Add($"Times are in {zone}. This page comes from the gateway on this computer.");
}
