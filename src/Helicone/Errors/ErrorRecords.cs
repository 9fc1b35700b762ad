using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using Helicone.Bulk;
using Helicone.Gateways;
using Helicone.Mcp;

namespace Helicone.Errors;

/// <summary>Turns what went wrong into error records: stable id, category, what the user passed, and what to type next. Nowhere else is one built.</summary>
internal static class ErrorRecords
{
    private const string Prefix = "Helicone";

    private const string PassConnection = "$c = Get-HeliconeConnection; 1..3 | ForEach-Object -Parallel { Invoke-HeliconeChat 'Hi' -Connection $using:c }";

    // From here on PowerShell's own views of an error show RecommendedAction.
    private static readonly Version s_showsAdvice = new(7, 5);

    /// <summary>What the gateway or the network said.</summary>
    public static ErrorRecord From(HeliconeException error, object? target) =>
        Record(error, Prefix + error.Kind, Category(error.Kind), target, Advice(error));

    /// <summary>The same of the log, where other advice helps than with a chat.</summary>
    public static ErrorRecord FromLog(HeliconeException error, object? target) => error.StatusCode == 404
        ? NotFound(
            "Request",
            error.Message,
            target,
            "Get-HeliconeRequest -Since 1h lists what is there. The log is written after the answer: a call may take a moment to appear, on Helicone's cloud up to minutes.")
        : Record(error, Prefix + error.Kind, Category(error.Kind), target, LogAdvice(error));

    /// <summary>A run of many calls ended before its input did.</summary>
    /// <param name="cause">Why nothing more was sent.</param>
    /// <param name="done">How many inputs have an answer.</param>
    /// <param name="failed">How many failed, each with an error of its own.</param>
    /// <param name="unanswered">The inputs that had come in and were not sent; the first is the target.</param>
    /// <param name="journal">The journal that the run keeps.</param>
    public static ErrorRecord From(Exception cause, int done, int failed, IReadOnlyList<object?> unanswered, string? journal)
    {
        (string id, ErrorCategory category, string what, string advice) = cause switch
        {
            ErrorThresholdException => ("ErrorThreshold", ErrorCategory.LimitsExceeded, "Too many calls have failed", "Look at the errors before this one."),
            JournalException => ("JournalFailed", ErrorCategory.WriteError, "The journal cannot be kept", "Make room on the disk, or name another file after -Journal."),
            HeliconeException { Kind: HeliconeErrorKind.BudgetExceeded } => ("BudgetExceeded", ErrorCategory.QuotaExceeded, "The spending ceiling is reached", "Raise -MaxCost, or lower the highest cost of a call with -MaxTokens or a cheaper model."),
            HeliconeException { Kind: HeliconeErrorKind.PriceUnknown } => ("PriceUnknown", ErrorCategory.ResourceUnavailable, "The highest cost of a call isn't known", "Name models and providers that have a price: Get-HeliconeModel lists them. Or leave out -MaxCost."),
            HeliconeException => ("LogUnavailable", ErrorCategory.WriteError, "The local gateway cannot write its log", "Free some disk space, or end the program that has locked the log."),
            _ => ("GatewayGone", ErrorCategory.ConnectionError, "The gateway does not answer any more", "Test-HeliconeConnection -Detailed says what answers; -WaitForGateway 10m waits for it."),
        };
        string counts = string.Format(CultureInfo.InvariantCulture, "{0} done, {1} failed, {2} not sent", done, failed, unanswered.Count);
        advice += cause is JournalException || journal is null
            ? " The inputs that had come in and were not sent are in $Error[0].Exception.Unanswered, those that failed in the TargetObject of their errors. With -Journal <file> a second run sends only what is missing."
            : $" Then run the same again with -Journal '{journal}': what is done is in it and is not sent again.";
        return Record(
            new BulkStoppedException($"{what}, so the run was stopped ({counts}): {cause.Message}", cause, done, failed, unanswered),
            Prefix + id,
            category,
            unanswered.Count > 0 ? unanswered[0] : null,
            advice);
    }

    /// <summary>The journal of a run cannot be used; nothing was sent.</summary>
    public static ErrorRecord From(JournalException error, object? target) => error.IsLocked
        ? Record(error, Prefix + "JournalInUse", ErrorCategory.ResourceBusy, target, "Wait for the other run to end, or name another file after -Journal.")
        : Record(error, Prefix + "JournalUnusable", ErrorCategory.OpenError, target, "Write -Journal with a new file, or with one that an earlier run has written.");

    /// <summary>An earlier run sent it and was cut off before the answer came; it was left at that, as -Resume Skip says.</summary>
    public static ErrorRecord AnswerUnknown(object? target) => Record(
        new InvalidOperationException("An earlier run sent this and was cut off before the answer came: nobody knows whether it was answered, and -Resume Skip left it alone."),
        Prefix + "AnswerUnknown",
        ErrorCategory.OperationStopped,
        target,
        "Get-HeliconeRequest shows whether the call was answered. -Resume Retry sends it again.");

    /// <summary>An error that its run has already shown for another item: the same record, which a host doesn't show again.</summary>
    public static ErrorRecord Repeated(ErrorRecord error, Runtime.FailureGroups run) => new RepeatedErrorRecord(error, run);

    /// <summary>What was typed wrong; nothing was sent.</summary>
    public static ErrorRecord Invalid(InvalidInput input, Exception error, object? target) =>
        Record(error, Prefix + "Invalid" + input, ErrorCategory.InvalidArgument, target, Advice(input));

    /// <summary>A file that isn't a conversation, or that can't be read.</summary>
    public static ErrorRecord InvalidConversationFile(Exception error, object? target) =>
        Record(error, Prefix + "Invalid" + InvalidInput.File, ErrorCategory.InvalidArgument, target, "Specify a file that Export-HeliconeConversation saved, or one with a JSON message on each line, such as {\"role\": \"user\", \"content\": \"Hello\"}.");

    /// <summary>No connection, and nothing to make one of.</summary>
    public static ErrorRecord NotConnected(object? target) => Record(
        new InvalidOperationException("This runspace has no connection to Helicone, and the environment variable HELICONE_API_KEY is not set. A connection belongs to the runspace that made it."),
        Prefix + "NotConnected",
        ErrorCategory.AuthenticationError,
        target,
        "Connect-Helicone -ApiKey <key>, Connect-Helicone -EnvFile .env, or $env:HELICONE_API_KEY = '<key>'. Without an account: Connect-Helicone -Local. In a parallel block or a thread job, pass the connection: " + PassConnection);

    /// <summary>Connect-Helicone has nothing to make a connection of.</summary>
    public static ErrorRecord NoKey(object? target) => Record(
        new InvalidOperationException("No API key was specified, and the environment variable HELICONE_API_KEY is not set."),
        Prefix + "NotConnected",
        ErrorCategory.AuthenticationError,
        target,
        "Connect-Helicone -ApiKey <key>, Connect-Helicone -EnvFile .env, or $env:HELICONE_API_KEY = '<key>'. Without an account: Connect-Helicone -Local.");

    /// <summary>A runspace has no connection, and the session that has started it is on a local gateway: the environment's key is not used.</summary>
    public static ErrorRecord NotConnectedInRunspace(string local, object? target) => Record(
        new InvalidOperationException($"This runspace has no connection to Helicone. A connection belongs to the runspace that made it. The session that started this one is connected to the local gateway at {local}, so the call isn't sent to Helicone's cloud with the key in the environment."),
        Prefix + "NotConnected",
        ErrorCategory.AuthenticationError,
        target,
        $"Pass the connection to the runspace: {PassConnection}. For Start-Job, which runs another process, use Start-HeliconeGateway -SetEnvironment in the session. To call the cloud, use Connect-Helicone -ApiKey <key> in this runspace.");

    /// <summary>The host has no way to ask a person for input.</summary>
    public static ErrorRecord NotInteractive(Exception error) => Record(
        new InvalidOperationException("The chat needs a person who types, and this host can't ask for input.", error),
        Prefix + "NotInteractive",
        ErrorCategory.InvalidOperation,
        null,
        "Use Invoke-HeliconeChat in scripts. -Conversation continues an answer.");

    /// <summary>An MCP server failed.</summary>
    public static ErrorRecord From(McpException error, object? target) => Record(error, Prefix + "Mcp" + error.Kind, Category(error.Kind), target, Advice(error));

    /// <summary>An answer isn't as a test expects it.</summary>
    /// <param name="failures">What isn't.</param>
    /// <param name="answer">The beginning of the answer.</param>
    /// <param name="target">The answer.</param>
    public static ErrorRecord AnswerMismatch(IReadOnlyList<string> failures, string answer, object? target) => Record(
        new InvalidOperationException($"The answer isn't as expected.\n{string.Join("\n", failures)}\nThe answer: {answer}"),
        Prefix + "AnswerMismatch",
        ErrorCategory.InvalidResult,
        target,
        "Change the prompt or the model until the answer is as expected, or correct the expectation. -Verbose shows the reasons of a judge.");

    /// <summary>An exception that came without a record.</summary>
    public static ErrorRecord Unknown(Exception error) => new(error, error.GetType().Name, ErrorCategory.NotSpecified, null);

    /// <summary>Something that was named does not exist.</summary>
    public static ErrorRecord NotFound(string what, string message, object? target, string advice) =>
        Record(new ItemNotFoundException(message), Prefix + what + "NotFound", ErrorCategory.ObjectNotFound, target, advice);

    /// <summary>There is no prompt file of this name.</summary>
    public static ErrorRecord PromptNotFound(string message, object? target) => NotFound(
        "Prompt",
        message,
        target,
        "Get-HeliconePrompt lists the prompts. Specify another folder with -Path or $env:HELICONE_PROMPT_PATH, or create a prompt with New-HeliconePrompt.");

    /// <summary>A file that was named is there, and this user cannot read it.</summary>
    public static ErrorRecord Unreadable(string what, string message, Exception cause, object? target, string advice) =>
        Record(new IOException(message, cause), Prefix + what + "Unreadable", ErrorCategory.ReadError, target, advice);

    /// <summary>The local gateway did not start.</summary>
    public static ErrorRecord From(GatewayStartException error, object? target) =>
        Record(error, Prefix + "GatewayFailed", ErrorCategory.ResourceUnavailable, target, error.Advice);

    private static ErrorRecord Record(Exception error, string id, ErrorCategory category, object? target, string advice)
    {
        // A message may quote a server, and the target is often text from a pipeline: the views that print them must not run what they contain.
        ErrorRecord record = new(error, id, category, target)
        {
            ErrorDetails = new ErrorDetails(TerminalText.Show(Text(Message(error), advice, typeof(PSObject).Assembly.GetName().Version))) { RecommendedAction = TerminalText.Show(advice) },
        };
        record.CategoryInfo.TargetName = TerminalText.ShowLine(record.CategoryInfo.TargetName);
        return record;
    }

    /// <summary>What an error shows. Engines before 7.5 don't show the recommended action, so it is a part of the text there.</summary>
    private static string Text(string message, string advice, Version engine) => engine >= s_showsAdvice ? message : message + " " + advice;

    /// <summary>The message without what .NET adds for programmers: <c>(Parameter 'x')</c>, and the value on a line of its own.</summary>
    private static string Message(Exception error)
    {
        if (error is not ArgumentException { ParamName: { } name })
        {
            return error.Message;
        }

        int end = error.Message.IndexOf(" (Parameter '" + name + "')", StringComparison.Ordinal);
        end = end < 0 ? error.Message.IndexOfAny(['\r', '\n']) : end;
        return end < 0 ? error.Message : error.Message.Substring(0, end);
    }

    private static ErrorCategory Category(HeliconeErrorKind kind) => kind switch
    {
        HeliconeErrorKind.Unauthenticated => ErrorCategory.AuthenticationError,
        HeliconeErrorKind.Forbidden => ErrorCategory.PermissionDenied,
        HeliconeErrorKind.InvalidRequest => ErrorCategory.InvalidArgument,
        HeliconeErrorKind.ModelNotFound => ErrorCategory.ObjectNotFound,
        HeliconeErrorKind.ContextTooLong => ErrorCategory.LimitsExceeded,
        HeliconeErrorKind.ContentBlocked => ErrorCategory.SecurityError,
        HeliconeErrorKind.RateLimited => ErrorCategory.LimitsExceeded,
        HeliconeErrorKind.InsufficientCredits => ErrorCategory.QuotaExceeded,
        HeliconeErrorKind.UpstreamFailed => ErrorCategory.ResourceUnavailable,
        HeliconeErrorKind.Unreachable => ErrorCategory.ConnectionError,
        HeliconeErrorKind.TimedOut => ErrorCategory.OperationTimeout,
        HeliconeErrorKind.StreamInterrupted => ErrorCategory.ReadError,
        HeliconeErrorKind.MalformedResponse => ErrorCategory.InvalidData,
        HeliconeErrorKind.BudgetExceeded => ErrorCategory.QuotaExceeded,
        HeliconeErrorKind.PriceUnknown => ErrorCategory.ResourceUnavailable,
        HeliconeErrorKind.SchemaMismatch => ErrorCategory.InvalidResult,
        HeliconeErrorKind.ToolRoundLimit => ErrorCategory.LimitsExceeded,
        _ => ErrorCategory.NotSpecified,
    };

    private static ErrorCategory Category(McpErrorKind kind) => kind switch
    {
        McpErrorKind.StartFailed or McpErrorKind.Exited => ErrorCategory.ResourceUnavailable,
        McpErrorKind.Unreachable => ErrorCategory.ConnectionError,
        McpErrorKind.Unauthorized => ErrorCategory.AuthenticationError,
        McpErrorKind.TimedOut => ErrorCategory.OperationTimeout,
        McpErrorKind.InvalidResponse => ErrorCategory.InvalidData,
        McpErrorKind.TooLarge => ErrorCategory.LimitsExceeded,
        McpErrorKind.Gone => ErrorCategory.ObjectNotFound,
        McpErrorKind.Refused => ErrorCategory.PermissionDenied,
        _ => ErrorCategory.NotSpecified,
    };

    private static string Advice(McpException error) => error.Kind switch
    {
        McpErrorKind.StartFailed => "Check -Command and -ArgumentList. Get-Command shows whether a program is in PATH.",
        McpErrorKind.Exited => "Run the command of the server in a terminal to see why it ends. It inherits only variables such as PATH and HOME: pass others with -Environment.",
        McpErrorKind.Unreachable => "Check -Uri, and whether the server is running.",
        McpErrorKind.Unauthorized => "Pass a valid token with -Token, or the headers that the server requires with -Header.",
        McpErrorKind.TimedOut => "Connect with a longer -TimeoutSec, or -ConnectTimeoutSec. A first start with npx downloads the server.",
        McpErrorKind.TooLarge => "Ask the server for less.",
        McpErrorKind.Gone => "Get-HeliconeMcp lists the connected servers, and Get-HeliconeMcpTool their tools.",
        _ => "Connect-HeliconeMcp with -Verbose shows what the server reports.",
    };

    private static string Advice(HeliconeException error) => error.Kind switch
    {
        HeliconeErrorKind.Unreachable or HeliconeErrorKind.TimedOut when error.Proxy is not null =>
            "Check the proxy: Connect-Helicone -Proxy <address> -ProxyCredential <credential>, or -NoProxy, instead of $env:HTTPS_PROXY and the system's settings.",
        HeliconeErrorKind.Unauthenticated when error.Upstream.Any(attempt => attempt.Type == "missing_provider_key") =>
            "Give the gateway the provider's key (for the local one $env:OPENAI_API_KEY and its like, set before Connect-Helicone -Local), or let another provider answer: -Fallback <model>.",
        HeliconeErrorKind.Unauthenticated => "Look at the key with Get-HeliconeConnection and give a valid one: Connect-Helicone -ApiKey <key>.",
        HeliconeErrorKind.Forbidden => "This key may not do it. Use one with the permission: Connect-Helicone -ApiKey <key>.",
        HeliconeErrorKind.InvalidRequest => "Correct the parameter that the message names; Get-Help Invoke-HeliconeChat -Parameter * describes them.",
        HeliconeErrorKind.ModelNotFound => "Get-HeliconeModel lists the models; Get-HeliconeModel *mini* finds one by name.",
        HeliconeErrorKind.ContextTooLong => "Send less input, or use a model with a longer context: Get-HeliconeModel | Sort-Object ContextLength -Descending.",
        HeliconeErrorKind.ContentBlocked => "Change what the prompt says; the same one is refused again.",
        HeliconeErrorKind.RateLimited => $"Run it again {When(error.RetryAfter) ?? "later"}, or with a lower -ThrottleLimit.",
        HeliconeErrorKind.InsufficientCredits => "Add credits to the Helicone account, or name a provider that you have a key of your own for: -Model <model>/<provider>.",
        HeliconeErrorKind.UpstreamFailed => "Run it again later, or give it somewhere else to go: -Fallback <model>/<provider>.",
        HeliconeErrorKind.Unreachable => "Test-HeliconeConnection -Detailed says what answers; Get-HeliconeConnection shows the addresses. Without a network: Connect-Helicone -Local.",
        HeliconeErrorKind.TimedOut when error.TimeoutPhase is TimeoutPhase.FirstToken => "Run it again with a longer -FirstTokenTimeoutSec.",
        HeliconeErrorKind.TimedOut when error.TimeoutPhase is TimeoutPhase.Idle => "Run it again with a longer -IdleTimeoutSec.",
        HeliconeErrorKind.TimedOut when error.TimeoutPhase is TimeoutPhase.Connect => "Test-HeliconeConnection -Detailed says what answers.",
        HeliconeErrorKind.TimedOut => "Run it again with a longer -TimeoutSec, or with -Stream.",
        HeliconeErrorKind.StreamInterrupted => "Run it again. What had arrived is in $Error[0].Exception.PartialText.",
        HeliconeErrorKind.BudgetExceeded => "Raise -MaxCost, or lower the highest cost of a call with -MaxTokens or a cheaper model. Measure-HeliconePrompt shows what a call can cost.",
        HeliconeErrorKind.PriceUnknown => "Name models and providers that have a price: Get-HeliconeModel lists them. Or leave out -MaxCost.",
        HeliconeErrorKind.ToolRoundLimit => "Run it again with a higher -MaxToolRound, or continue: Invoke-HeliconeChat 'Answer with what you have.' -Conversation $Error[0].Exception.Completion.",
        HeliconeErrorKind.MalformedResponse => "Something that is not Helicone may answer at this address: Test-HeliconeConnection -Detailed.",
        HeliconeErrorKind.SchemaMismatch when error.Code == "length" => "Run it again with a higher -MaxTokens, or with less input.",
        HeliconeErrorKind.SchemaMismatch when error.Code == "content_filter" => "Change the prompt or the input. The answer is in $Error[0].Exception.Completion.",
        HeliconeErrorKind.SchemaMismatch => "Look at the answer in $Error[0].Exception.Completion. A simpler shape, a prompt that explains the properties, or another -Model may help.",
        _ => "Run it again with -Verbose to see each attempt.",
    };

    /// <summary>A time to come back, such as <c>in 90 seconds</c>; <see langword="null"/> when the server names none, or one that is over.</summary>
    private static string? When(TimeSpan? wait) => wait switch
    {
        null => null,
        { Ticks: <= 0 } => null,
        { TotalSeconds: <= 1 } => "in a second",
        { TotalMinutes: <= 2 } => FormattableString.Invariant($"in {Math.Ceiling(wait.Value.TotalSeconds):0} seconds"),
        { TotalHours: < 2 } => FormattableString.Invariant($"in {Math.Ceiling(wait.Value.TotalMinutes):0} minutes"),
        { TotalDays: < 2 } => FormattableString.Invariant($"in {Math.Ceiling(wait.Value.TotalHours):0} hours"),
        _ => FormattableString.Invariant($"in {Math.Ceiling(wait.Value.TotalDays):0} days"),
    };

    private static string LogAdvice(HeliconeException error) => error.Kind switch
    {
        HeliconeErrorKind.Unauthenticated or HeliconeErrorKind.Forbidden =>
            "Look at the key with Get-HeliconeConnection. One that begins with 'pk-' can write to the log and not read it: Connect-Helicone -ApiKey <key>.",
        HeliconeErrorKind.InvalidRequest => "Correct what the message names; Test-HeliconeConnection -Detailed says what answers.",
        HeliconeErrorKind.UpstreamFailed => "Run it again later; Test-HeliconeConnection -Detailed says what answers.",
        HeliconeErrorKind.RateLimited when When(error.RetryAfter) is { } when => $"Run it again {when}.",
        HeliconeErrorKind.RateLimited => "Run it again in a minute, and ask for less at once: -First 100, and no -IncludeBody.",
        HeliconeErrorKind.TimedOut => "Ask for less: a later -Since, or -First 100.",
        _ => Advice(error),
    };

    private static string Advice(InvalidInput input) => input switch
    {
        InvalidInput.Key => "Copy a key from the API keys page of Helicone's settings: Connect-Helicone -ApiKey sk-helicone-....",
        InvalidInput.Route => "Write -Model gpt-4o-mini or -Model gpt-4o/openai; the rest goes in -Fallback and -ExcludeProvider. Get-HeliconeModel lists the models.",
        InvalidInput.RateLimitPolicy => "Write -RateLimitPolicy '100;w=3600;s=user', or -RateLimitPolicy @{ Quota = 100; Window = '1h'; Segment = 'user' } together with -UserId.",
        InvalidInput.Property => "Write -Property @{ Environment = 'production' }: names of letters, digits and '-', values of plain text.",
        InvalidInput.User => "Write -UserId user-789.",
        InvalidInput.RequestId => "Write -RequestId (New-Guid), for one call.",
        InvalidInput.Session => "Make one with $session = New-HeliconeSession -Name 'Nightly triage', and write -Session $session -SessionPath /summary.",
        InvalidInput.Cache => "Write -Cache -CacheMaxAge 1h; -CacheBucketSize is 1 to 20.",
        InvalidInput.Header => "Write -Header @{ 'Helicone-Omit-Response' = 'true' }.",
        InvalidInput.Message => "Write -Message @{ role = 'user'; content = 'Hello' }.",
        InvalidInput.Body => "Write -Body @{ frequency_penalty = 0.5 }: hashtables, lists, text, numbers and booleans.",
        InvalidInput.Prompt => "Invoke-HeliconeChat 'Why is the sky blue?', or pipe text into it.",
        InvalidInput.Time => "Write -Since 7d, -Since 2026-01-31, or -Since (Get-Date).AddHours(-2).",
        InvalidInput.Score => "Write -Score @{ accuracy = 0.9; helpful = $true }: names, and numbers or booleans.",
        InvalidInput.Log => "Send-HeliconeLog -Model my-model -Prompt 'Hi' -Content 'Hello' -Duration 1.5s; Get-Help Send-HeliconeLog -Examples shows the other kinds.",
        InvalidInput.Bulk => "Get-Content prompts.txt | Invoke-HeliconeChat -Journal run.jsonl -ErrorThreshold 5% -WaitForGateway 10m.",
        InvalidInput.Stream => "Invoke-HeliconeChat 'Tell a story' -Stream | Show-HeliconeStream.",
        InvalidInput.Wildcard => "Use *, ?, or a set of characters such as [ab], as in *mini*; `[ stands for the character [.",
        InvalidInput.File => "Write -File report.pdf, -Image *.png, or pipe files: Get-ChildItem *.png | Invoke-HeliconeChat 'Describe this image.' -ForEach.",
        InvalidInput.Shape => "Write -As @{ Severity = 'error', 'warning', 'info'; Count = [int]; Hosts = @('string') }, -As MyClass, or -As schema.json.",
        InvalidInput.Tool => "Write -Tool Get-Process, -Tool { param([string] $City) ... }, or -Tool (New-HeliconeTool -Command Get-Process -Parameter Name, Id).",
        InvalidInput.PromptFile => "Correct the file at the place that the message names. Get-HeliconePrompt checks every prompt file; Get-Help about_Helicone_Prompts describes them.",
        InvalidInput.PromptInput => "Get-Help about_Helicone_Prompts describes the inputs; (Get-HeliconePrompt <name>).Inputs lists those of a prompt.",
        InvalidInput.Mcp => "Write Connect-HeliconeMcp npx '-y', '@modelcontextprotocol/server-filesystem', '.', -Uri https://example.com/mcp, or -ConfigPath .mcp.json.",
        InvalidInput.Status => "Write -Status failed, -Status 4xx, or -Status 429, 500.",
        _ => "Correct the parameter that the message names.",
    };
}
