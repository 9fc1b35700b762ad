#if !NET
using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;

namespace Helicone.Http;

/// <summary>A body that reports when it is asked for: the platform asks once the connection has been made.</summary>
internal sealed class ConnectedContent : HttpContent
{
    private readonly HttpContent _content;
    private readonly Action _connected;

    internal ConnectedContent(HttpContent content, Action connected)
    {
        _content = content;
        _connected = connected;
        foreach (KeyValuePair<string, IEnumerable<string>> header in content.Headers)
        {
            Headers.TryAddWithoutValidation(header.Key, header.Value);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext context)
    {
        _connected();
        return _content.CopyToAsync(stream);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _content.Headers.ContentLength ?? 0;
        return _content.Headers.ContentLength is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content.Dispose();
        }

        base.Dispose(disposing);
    }
}
#endif
