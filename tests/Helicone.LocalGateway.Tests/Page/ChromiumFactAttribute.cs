using System.IO;

namespace Helicone.LocalGateway.Tests.Page;

/// <summary>A test that needs Debian's chromium; skipped, with the reason, where it isn't installed.</summary>
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public const string Path = "/usr/bin/chromium";

    public ChromiumFactAttribute()
    {
        if (!File.Exists(Path))
        {
            Skip = $"There is no {Path} on this machine.";
        }
    }
}
