using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.IO;

namespace Helicone.LocalGateway.Page;

/// <summary>The style, the script and the icon: in the assembly, so that the page needs nobody else.</summary>
internal static class PageAssets
{
    private static readonly FrozenDictionary<string, (string ContentType, byte[] Content)> s_assets = new Dictionary<string, (string, byte[])>
    {
        ["/assets/page.css"] = ("text/css; charset=utf-8", Load("page.css")),
        ["/assets/page.js"] = ("text/javascript; charset=utf-8", Load("page.js")),
        ["/assets/icon.svg"] = ("image/svg+xml", Load("icon.svg")),
        ["/favicon.ico"] = ("image/svg+xml", Load("icon.svg")),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static (string ContentType, byte[] Content)? Find(string path) => s_assets.TryGetValue(path, out (string, byte[]) asset) ? asset : null;

    private static byte[] Load(string name)
    {
        using Stream stream = typeof(PageAssets).Assembly.GetManifestResourceStream("page/" + name)!;
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
