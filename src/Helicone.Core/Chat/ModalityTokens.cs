namespace Helicone.Chat;

/// <summary>The tokens of one modality, such as images or audio.</summary>
/// <param name="Input">Tokens of the prompt.</param>
/// <param name="Cached">Tokens of the prompt that the provider read from its own cache.</param>
/// <param name="Output">Tokens of the answer.</param>
public sealed record ModalityTokens(long Input = 0, long Cached = 0, long Output = 0);
