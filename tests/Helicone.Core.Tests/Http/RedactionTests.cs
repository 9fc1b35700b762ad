using System;
using System.Security;
using System.Text.Encodings.Web;
using System.Text.Json;
using Helicone.Http;

namespace Helicone.Core.Tests.Http;

public sealed class RedactionTests
{
    [Theory]
    [InlineData("correct+horse/battery\"staple&1234")]
    [InlineData("clé-très-secrète-0123456789")]
    [InlineData("plain-key-without-a-known-prefix")]
    public void Key_IsMasked_HoweverJsonSpellsIt(string key)
    {
        using SecureString held = Redaction.Protect(key);
        string strict = JsonSerializer.Serialize(key);
        string relaxed = JsonSerializer.Serialize(key, new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        string slashed = relaxed.Replace("/", "\\/", StringComparison.Ordinal);
        string lower = strict.ToLowerInvariant();

        foreach (string text in new[] { key, strict, relaxed, slashed, lower })
        {
            string scrubbed = Redaction.Scrub($"{{\"echo\":{text}}}", held);

            Assert.DoesNotContain(text.Trim('"'), scrubbed, StringComparison.OrdinalIgnoreCase);
            Assert.Contains(Redaction.Mask(key), scrubbed, StringComparison.Ordinal);
        }
    }
}
