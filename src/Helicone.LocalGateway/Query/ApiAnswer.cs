using System;
using System.Text.Json;
using System.Threading.Tasks;
using Helicone.LocalGateway.Log;
using Helicone.LocalGateway.Requests;
using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Query;

/// <summary>Answers of the REST API: <c>{"data":…,"error":null}</c>, or the other way round.</summary>
internal static class ApiAnswer
{
    public static Task WriteAsync(HttpContext context, int statusCode, PooledBuffer json)
    {
        context.Response.StatusCode = statusCode;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        return context.Response.BodyWriter.WriteAsync(json.WrittenMemory, context.RequestAborted).AsTask();
    }

    /// <summary>JSON with that as its data.</summary>
    public static PooledBuffer Data(Action<Utf8JsonWriter> write)
    {
        PooledBuffer buffer = new(4096);
        using Utf8JsonWriter json = new(buffer, GatewayJson.WriterOptions);
        json.WriteStartObject();
        json.WritePropertyName("data"u8);
        write(json);
        json.WriteNull("error"u8);
        json.WriteEndObject();
        return buffer;
    }

    /// <summary>A sum of costs; null when it is unknown.</summary>
    public static void WriteMoney(Utf8JsonWriter json, ReadOnlySpan<byte> name, Statement row, int column)
    {
        if (row.IsNull(column))
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteNumber(name, (decimal)row.Real(column));
        }
    }

    public static PooledBuffer Nothing() => Data(static json => json.WriteNullValue());

    public static async Task WriteErrorAsync(HttpContext context, int statusCode, string message)
    {
        using PooledBuffer buffer = new(256);
        using (Utf8JsonWriter json = new(buffer, GatewayJson.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteNull("data"u8);
            json.WriteString("error"u8, message);
            json.WriteEndObject();
        }

        // The 500 of a wrong filter is no accident that passes.
        context.Response.Headers["x-should-retry"] = "false";
        await WriteAsync(context, statusCode, buffer);
    }
}
