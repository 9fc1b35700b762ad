using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text;
using System.Text.Json;
using Helicone.LocalGateway.Requests;
using Helicone.LocalGateway.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Helicone.LocalGateway.Caching;

/// <summary>What makes two calls the same to the cache.</summary>
/// <remarks>
/// Helicone/helicone worker/src/lib/util/cache/cacheFunctions.ts @a240a55c: the seed, the provider's URL, the body as the provider gets it without the ignored members, every
/// <c>helicone-cache*</c> header and the Helicone key. Users, sessions and properties do not split the cache; and since every cache header
/// does, what <c>Helicone-Cache-Save</c> alone stores is not found by <c>Helicone-Cache-Read</c> alone, as on Helicone's cloud.
/// </remarks>
internal static class CacheKey
{
    private const string CacheHeaderPrefix = "helicone-cache";

    /// <summary>The SHA-256 in hexadecimal digits; the slots of a bucket share it.</summary>
    public static string Of(CacheSettings settings, Attempt attempt, InferenceRequest request)
    {
        using KeyMaterial material = new();
        Write(material, settings.Seed);
        Write(material, attempt.Provider.TargetUrlOf(request.Mapping) ?? attempt.Provider.Name);
        WriteBody(material, attempt.BodyOf(request).ToSequence(), settings.IgnoredKeys);
        WriteHeaders(material, request.Headers);
        if (request.Mapping == BodyMapping.None)
        {
            // The same bytes get an answer of another form.
            Write(material, "NO_MAPPING");
        }

        return material.ToHash();
    }

    /// <summary>Token by token: white space makes no difference, the order of the members does.</summary>
    private static void WriteBody(KeyMaterial material, ReadOnlySequence<byte> json, IReadOnlyList<string> ignoredKeys)
    {
        Utf8JsonReader reader = new(json, GatewayJson.ReaderOptions);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && IsIgnored(ref reader, ignoredKeys))
            {
                reader.Skip();
                continue;
            }

            if (reader.HasValueSequence)
            {
                foreach (ReadOnlyMemory<byte> part in reader.ValueSequence)
                {
                    material.Write(part.Span);
                }

                WriteEnded(material, [], (byte)reader.TokenType);
            }
            else
            {
                WriteEnded(material, reader.ValueSpan, (byte)reader.TokenType);
            }
        }
    }

    private static bool IsIgnored(ref Utf8JsonReader reader, IReadOnlyList<string> ignoredKeys)
    {
        foreach (string key in ignoredKeys)
        {
            if (reader.ValueTextEquals(key))
            {
                return true;
            }
        }

        return false;
    }

    private static void WriteHeaders(KeyMaterial material, IHeaderDictionary headers)
    {
        List<KeyValuePair<string, StringValues>> wanted = [];
        foreach (KeyValuePair<string, StringValues> header in headers)
        {
            if (header.Key.StartsWith(CacheHeaderPrefix, StringComparison.OrdinalIgnoreCase))
            {
                wanted.Add(header);
            }
        }

        wanted.Sort(static (a, b) => string.Compare(a.Key, b.Key, StringComparison.OrdinalIgnoreCase));
        foreach (KeyValuePair<string, StringValues> header in wanted)
        {
            Write(material, header.Key.ToLowerInvariant());
            Write(material, header.Value.ToString());
        }

        Write(material, headers.Authorization.ToString());
    }

    private static void Write(KeyMaterial material, string text)
    {
        material.Write(Encoding.UTF8.GetBytes(text));
        WriteEnded(material, [], 0);
    }

    // No JSON token or header contains a raw line feed, so no value can look like the end of a part.
    private static void WriteEnded(KeyMaterial material, ReadOnlySpan<byte> bytes, byte kind)
    {
        material.Write(bytes);
        material.Write([kind, (byte)'\n']);
    }
}
