using System;
using System.Buffers;
using System.Security.Cryptography;
using Helicone.LocalGateway.Requests;

namespace Helicone.LocalGateway.Caching;

/// <summary>What a key is made of. It is hashed in pieces: a body of 50 MB is never there a second time.</summary>
internal sealed class KeyMaterial : IDisposable
{
    // Many tokens are short, and each call of the hash function costs as much as a hundred bytes.
    private const int Piece = 16 * 1024;

    private readonly PooledBuffer _waiting = new(4096);
    private IncrementalHash? _hash;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (_waiting.Length + bytes.Length > Piece)
        {
            _hash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            _hash.AppendData(_waiting.WrittenMemory.Span);
            _waiting.Clear();
            if (bytes.Length > Piece)
            {
                _hash.AppendData(bytes);
                return;
            }
        }

        _waiting.Write(bytes);
    }

    /// <summary>The SHA-256 in hexadecimal digits.</summary>
    public string ToHash()
    {
        if (_hash is null)
        {
            return Convert.ToHexStringLower(SHA256.HashData(_waiting.WrittenMemory.Span));
        }

        _hash.AppendData(_waiting.WrittenMemory.Span);
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public void Dispose()
    {
        _waiting.Dispose();
        _hash?.Dispose();
    }
}
