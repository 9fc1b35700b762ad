using System.IO;
using System.Security.Cryptography;
using System.Text;

namespace Helicone.Mcp;

/// <summary>Hashes of text.</summary>
internal static class McpHash
{
    internal static byte[] Of(string text)
    {
        using MemoryStream bytes = new(Encoding.UTF8.GetBytes(text));
        using SHA256 sha = SHA256.Create();
        return sha.ComputeHash(bytes);
    }
}
