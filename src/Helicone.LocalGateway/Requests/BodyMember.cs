using System;
using System.Text.Json;

namespace Helicone.LocalGateway.Requests;

/// <summary>A member of a body: its field, and the positions of its name and value in the bytes.</summary>
internal readonly record struct BodyMember(BodyField Field, int NameStart, int ValueStart, int ValueEnd, JsonTokenType ValueType)
{
    /// <summary>The bytes from the name's first quote to the value's end.</summary>
    public ReadOnlySpan<byte> Whole(ReadOnlySpan<byte> json) => json[NameStart..ValueEnd];

    /// <summary>The bytes of the value.</summary>
    public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> json) => json[ValueStart..ValueEnd];

    /// <summary>What JavaScript calls truthy; Helicone's checks are written in it.</summary>
    public bool IsTruthy(ReadOnlySpan<byte> json) => ValueType switch
    {
        JsonTokenType.Null or JsonTokenType.False => false,
        JsonTokenType.String => ValueEnd - ValueStart > 2,
        JsonTokenType.Number => Value(json).ContainsAnyInRange((byte)'1', (byte)'9'),
        _ => true,
    };
}
