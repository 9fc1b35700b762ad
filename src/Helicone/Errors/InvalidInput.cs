namespace Helicone.Errors;

/// <summary>What was typed wrong. The names are stable: error ids are made of them (<c>HeliconeInvalidRoute</c>).</summary>
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
