using System;

namespace Helicone.LocalGateway.Log;

/// <summary>The compressed bodies of a call; <see langword="null"/> for one that stays as it is.</summary>
internal sealed record CompressedCall(long Id, ReadOnlyMemory<byte>? Request, ReadOnlyMemory<byte>? Response);
