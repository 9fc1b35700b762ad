namespace Helicone.LocalGateway.Requests;

/// <summary>In which shape the bodies are (<c>Helicone-Gateway-Body-Mapping</c>).</summary>
internal enum BodyMapping
{
    /// <summary>OpenAI's chat completions, in and out.</summary>
    OpenAI,

    /// <summary>OpenAI's Responses API.</summary>
    Responses,

    /// <summary>The provider's own, untouched both ways.</summary>
    None,
}
