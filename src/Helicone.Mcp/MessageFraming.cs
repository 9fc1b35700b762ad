namespace Helicone.Mcp;

/// <summary>The end of a message in a stream.</summary>
internal enum MessageFraming
{
    /// <summary>Each line is a message.</summary>
    Lines,

    /// <summary>Server-sent events: a message ends with an empty line.</summary>
    Events,

    /// <summary>The whole stream is one message.</summary>
    Document,
}
