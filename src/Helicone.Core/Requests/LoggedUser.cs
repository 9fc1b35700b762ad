namespace Helicone.Requests;

/// <summary>What the calls for one end user add up to.</summary>
public sealed record LoggedUser
{
    /// <summary>The user's id, as the calls named it.</summary>
    public string UserId { get; init; } = string.Empty;

    /// <summary>How many calls.</summary>
    public long Requests { get; init; }

    /// <summary>US dollars.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Tokens of the prompts.</summary>
    public long PromptTokens { get; init; }

    /// <summary>Tokens of the answers.</summary>
    public long CompletionTokens { get; init; }

    /// <summary>The id.</summary>
    public override string ToString() => UserId;
}
