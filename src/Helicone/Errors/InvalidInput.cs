namespace Helicone.Errors;

/// <summary>The kinds of invalid input. The names are stable, because error ids contain them (<c>HeliconeInvalidRoute</c>).</summary>
internal enum InvalidInput
{
    Option,
    Key,
    Route,
    RateLimitPolicy,
    Property,
    User,
    RequestId,
    Session,
    Cache,
    Header,
    Message,
    Body,
    Prompt,
    Stream,
    Wildcard,
    Time,
    Score,
    Log,
    Bulk,
    Status,
    File,
    Shape,
    Tool,
    PromptFile,
    PromptInput,
    Mcp,
    Scenario,
}
