namespace Helicone.Requests;

/// <summary>The totals of the calls for one end user.</summary>
public sealed record LoggedUser
{
    /// <summary>The user's id, as the calls named it.</summary>
    public string UserId { get; init; } = string.Empty;

    /// <summary>The number of calls.</summary>
    public long Requests { get; init; }

    /// <summary>US dollars, without the calls counted in <see cref="UnpricedRequests"/>; <see langword="null"/> when no call has a known cost.</summary>
    public decimal? Cost { get; init; }

    /// <summary>The number of calls whose cost is unknown and not included in <see cref="Cost"/>; <see langword="null"/> where the log doesn't report it, as Helicone's cloud.</summary>
    public long? UnpricedRequests { get; init; }

    /// <summary>Tokens of the prompts.</summary>
    public long PromptTokens { get; init; }

    /// <summary>Tokens of the answers.</summary>
    public long CompletionTokens { get; init; }

    /// <summary>The id.</summary>
    public override string ToString() => UserId;
}
