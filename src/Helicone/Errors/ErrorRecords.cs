using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Management.Automation;
using Helicone.Bulk;
using Helicone.Connections;
using Helicone.Gateways;
using Helicone.Mcp;
using Helicone.Offline;

namespace Helicone.Errors;

/// <summary>Turns what went wrong into error records: stable id, category, what the user passed, and what to type next. Nowhere else is one built.</summary>
internal static class ErrorRecords
{
    private const string Prefix = "Helicone";

    private const string PassConnection = "$c = Get-HeliconeConnection; 1..3 | ForEach-Object -Parallel { Invoke-HeliconeChat 'Hi' -Connection $using:c }";

    // From here on PowerShell's own views of an error show RecommendedAction.
    private static readonly Version s_showsAdvice = new(7, 5);

    /// <summary>An error of the gateway or the network.</summary>
    public static ErrorRecord From(HeliconeException error, object? target) =>
        Record(error, Prefix + error.Kind, Category(error.Kind), target, Advice(error));

    /// <summary>The same of the log, where other advice helps than with a chat.</summary>
    public static ErrorRecord FromLog(HeliconeException error, object? target) => error.StatusCode == 404
        ? NotFound(
            "Request",
            error.Message,
            target,
            "Get-HeliconeRequest -Since 1h lists the logged calls. A call is logged after its answer, so it can take a moment to appear, and up to some minutes on Helicone's cloud.")
        : Record(error, Prefix + error.Kind, Category(error.Kind), target, LogAdvice(error));

    /// <summary>A run of many calls ended before its input did.</summary>
    /// <param name="cause">Why nothing more was sent.</param>
    /// <param name="done">How many inputs have an answer.</param>
    /// <param name="failed">The number of inputs that failed, each with a separate error.</param>
    /// <param name="unanswered">The inputs that had come in and were not sent; the first is the target.</param>
    /// <param name="journal">The journal that the run keeps.</param>
    public static ErrorRecord From(Exception cause, int done, int failed, IReadOnlyList<object?> unanswered, string? journal)
    {
        (string id, ErrorCategory category, string what, string advice) = cause switch
        {
            ErrorThresholdException => ("ErrorThreshold", ErrorCategory.LimitsExceeded, "Too many calls failed", "See the errors before this one."),
            JournalException => ("JournalFailed", ErrorCategory.WriteError, "The journal can't be written", "Free space on the disk, or specify another file with -Journal."),
            HeliconeException { Kind: HeliconeErrorKind.BudgetExceeded } => ("BudgetExceeded", ErrorCategory.QuotaExceeded, "The spending ceiling is reached", "Raise -MaxCost, or lower the highest cost of a call with -MaxTokens or a cheaper model."),
            HeliconeException { Kind: HeliconeErrorKind.PriceUnknown } => ("PriceUnknown", ErrorCategory.ResourceUnavailable, "The highest cost of a call isn't known", "Specify models and providers that have a price (Get-HeliconeModel lists them), or omit -MaxCost."),
            HeliconeException => ("LogUnavailable", ErrorCategory.WriteError, "The local gateway can't write its log", "Free space on the disk, or end the program that has locked the log."),
            _ => ("GatewayGone", ErrorCategory.ConnectionError, "The gateway isn't responding", "Run Test-HeliconeConnection -Detailed to find the cause. To wait for the gateway, use -WaitForGateway 10m."),
        };
        string counts = string.Format(CultureInfo.InvariantCulture, "{0} done, {1} failed, {2} not sent", done, failed, unanswered.Count);
        advice += cause is JournalException || journal is null
            ? " $Error[0].Exception.Unanswered contains the inputs that weren't sent, and the TargetObject of each error contains the input that failed. With -Journal <file>, a second run sends only the missing ones."
            : $" Then run the same command again with -Journal '{journal}': completed calls are in the journal and aren't sent again.";
        return Record(
            new BulkStoppedException($"{what}, so the run stopped ({counts}): {cause.Message}", cause, done, failed, unanswered),
            Prefix + id,
            category,
            unanswered.Count > 0 ? unanswered[0] : null,
            advice);
    }

    /// <summary>The journal of a run cannot be used; nothing was sent.</summary>
    public static ErrorRecord From(JournalException error, object? target) => error.IsLocked
        ? Record(error, Prefix + "JournalInUse", ErrorCategory.ResourceBusy, target, "Wait until the other run ends, or specify another file with -Journal.")
        : Record(error, Prefix + "JournalUnusable", ErrorCategory.OpenError, target, "Specify a new file with -Journal, or the journal of an earlier run.");

    /// <summary>An earlier run sent the item and was interrupted before the answer arrived. Because of -Resume Skip, it isn't sent again.</summary>
    public static ErrorRecord AnswerUnknown(object? target) => Record(
        new InvalidOperationException("An earlier run sent this input and was interrupted before the answer arrived, so it's unknown whether it was answered. Because of -Resume Skip, it wasn't sent again."),
        Prefix + "AnswerUnknown",
        ErrorCategory.OperationStopped,
        target,
        "Get-HeliconeRequest shows whether the call was answered. -Resume Retry sends it again.");

    /// <summary>An error that its run has already shown for another item: the same record, which a host doesn't show again.</summary>
    public static ErrorRecord Repeated(ErrorRecord error, Runtime.FailureGroups run) => new RepeatedErrorRecord(error, run);

    /// <summary>Invalid input; nothing was sent.</summary>
    public static ErrorRecord Invalid(InvalidInput input, Exception error, object? target) =>
        Record(error, Prefix + "Invalid" + input, ErrorCategory.InvalidArgument, target, Advice(input));

    /// <summary>A file that isn't a conversation, or that can't be read.</summary>
    public static ErrorRecord InvalidConversationFile(Exception error, object? target) =>
        Record(error, Prefix + "Invalid" + InvalidInput.File, ErrorCategory.InvalidArgument, target, "Specify a file that Export-HeliconeConversation saved, or one with a JSON message on each line, such as {\"role\": \"user\", \"content\": \"Hello\"}.");

    /// <summary>No connection, and nothing to make one of.</summary>
    public static ErrorRecord NotConnected(object? target) => Record(
        new InvalidOperationException("This runspace has no connection to Helicone, and the environment variable HELICONE_API_KEY is not set. A connection belongs to the runspace that created it."),
        Prefix + "NotConnected",
        ErrorCategory.AuthenticationError,
        target,
        "Connect-Helicone -ApiKey <key>, Connect-Helicone -EnvFile .env, or $env:HELICONE_API_KEY = '<key>'. Without an account: Connect-Helicone -Local starts a local gateway, and Connect-Helicone -Offline answers in this process at once. In a parallel block or a thread job, pass the connection: " + PassConnection);

    /// <summary>Connect-Helicone has nothing to make a connection of.</summary>
    public static ErrorRecord NoKey(object? target) => Record(
        new InvalidOperationException("No API key was specified, and the environment variable HELICONE_API_KEY is not set."),
        Prefix + "NotConnected",
        ErrorCategory.AuthenticationError,
        target,
        "Connect-Helicone -ApiKey <key>, Connect-Helicone -EnvFile .env, or $env:HELICONE_API_KEY = '<key>'. Without an account: Connect-Helicone -Local starts a local gateway, and Connect-Helicone -Offline answers in this process at once.");

    /// <summary>A runspace has no connection, and the session that has started it is on a local gateway: the environment's key is not used.</summary>
    public static ErrorRecord NotConnectedInRunspace(string local, object? target) => LocalMarker.IsOffline(local)
        ? Record(
        new InvalidOperationException("This runspace has no connection to Helicone. A connection belongs to the runspace that created it. The session that started this one is offline, so the call isn't sent to Helicone's cloud with the key in the environment."),
        Prefix + "NotConnected",
        ErrorCategory.AuthenticationError,
        target,
        $"Pass the connection to the runspace: {PassConnection}. For Start-Job, which runs another process, use Connect-Helicone -Offline in the job. To call the cloud, use Connect-Helicone -ApiKey <key> in this runspace.")
        : Record(
        new InvalidOperationException($"This runspace has no connection to Helicone. A connection belongs to the runspace that created it. The session that started this one is connected to the local gateway at {local}, so the call isn't sent to Helicone's cloud with the key in the environment."),
        Prefix + "NotConnected",
        ErrorCategory.AuthenticationError,
        target,
        $"Pass the connection to the runspace: {PassConnection}. For Start-Job, which runs another process, use Start-HeliconeGateway -SetEnvironment in the session. To call the cloud, use Connect-Helicone -ApiKey <key> in this runspace.");

    /// <summary>The host has no way to ask a person for input.</summary>
    public static ErrorRecord NotInteractive(Exception error) => Record(
        new InvalidOperationException("The chat is interactive, and this host can't prompt for input.", error),
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

    /// <summary>A recording can't be read or written.</summary>
    public static ErrorRecord From(RecordingException error, object? target) => error.IsMissing
        ? Record(error, Prefix + "RecordingNotFound", ErrorCategory.ObjectNotFound, target, "Specify the path of a recording after -Replay. To make one: Connect-Helicone -Record <path>.")
        : Record(error, Prefix + "RecordingUnusable", ErrorCategory.OpenError, target, "Correct or delete the line that the message names, or record again to a new file: Connect-Helicone -Record <path>.");

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

    /// <summary>The message without the parts that .NET adds for programmers: <c>(Parameter 'x')</c>, and the value on a separate line.</summary>
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
        HeliconeErrorKind.NotAvailableOffline => ErrorCategory.NotImplemented,
        HeliconeErrorKind.RecordingMissing => ErrorCategory.ObjectNotFound,
        HeliconeErrorKind.RecordingFailed => ErrorCategory.WriteError,
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
            "Add the provider's key to the gateway (for the local gateway, set a variable such as $env:OPENAI_API_KEY before Connect-Helicone -Local), or specify another provider: -Fallback <model>.",
        HeliconeErrorKind.Unauthenticated => "Check the key with Get-HeliconeConnection, and specify a valid key: Connect-Helicone -ApiKey <key>.",
        HeliconeErrorKind.Forbidden => "This API key doesn't have permission for this operation. Use a key that has it: Connect-Helicone -ApiKey <key>.",
        HeliconeErrorKind.InvalidRequest => "Correct the parameter in the message. Get-Help Invoke-HeliconeChat -Parameter * describes the parameters.",
        HeliconeErrorKind.ModelNotFound => "Get-HeliconeModel lists the models. To find one by name, use Get-HeliconeModel *mini*.",
        HeliconeErrorKind.ContextTooLong => "Send less input, or use a model with a longer context: Get-HeliconeModel | Sort-Object ContextLength -Descending.",
        HeliconeErrorKind.ContentBlocked => "Change the prompt. The same prompt is blocked again.",
        HeliconeErrorKind.RateLimited => $"Run the command again {When(error.RetryAfter) ?? "later"}, or with a lower -ThrottleLimit.",
        HeliconeErrorKind.InsufficientCredits => "Add credits to the Helicone account, or specify a provider that you have your own key for: -Model <model>/<provider>.",
        HeliconeErrorKind.UpstreamFailed => "Run the command again later, or specify another provider: -Fallback <model>/<provider>.",
        HeliconeErrorKind.Unreachable => "Run Test-HeliconeConnection -Detailed to find the cause. Get-HeliconeConnection shows the addresses. Without a network, use Connect-Helicone -Offline.",
        HeliconeErrorKind.TimedOut when error.TimeoutPhase is TimeoutPhase.FirstToken => "Run the command again with a longer -FirstTokenTimeoutSec.",
        HeliconeErrorKind.TimedOut when error.TimeoutPhase is TimeoutPhase.Idle => "Run the command again with a longer -IdleTimeoutSec.",
        HeliconeErrorKind.TimedOut when error.TimeoutPhase is TimeoutPhase.Connect => "Run Test-HeliconeConnection -Detailed to find the cause.",
        HeliconeErrorKind.TimedOut => "Run the command again with a longer -TimeoutSec, or with -Stream.",
        HeliconeErrorKind.StreamInterrupted => "Run the command again. $Error[0].Exception.PartialText contains the text that arrived.",
        HeliconeErrorKind.BudgetExceeded => "Raise -MaxCost, or lower the highest cost of a call with -MaxTokens or a cheaper model. Measure-HeliconePrompt shows what a call can cost.",
        HeliconeErrorKind.PriceUnknown => "Specify models and providers that have a price (Get-HeliconeModel lists them), or omit -MaxCost.",
        HeliconeErrorKind.ToolRoundLimit => "Run the command again with a higher -MaxToolRound, or continue: Invoke-HeliconeChat 'Answer with what you have.' -Conversation $Error[0].Exception.Completion.",
        HeliconeErrorKind.NotAvailableOffline => "Connect-Helicone -Local connects to a gateway on this machine, which keeps a log.",
        HeliconeErrorKind.RecordingMissing => "Record the call: Connect-Helicone -Record <path>, with a key or with -Local. Connect-Helicone -Replay <path> starts the recording from the beginning.",
        HeliconeErrorKind.RecordingFailed => "Make room on the disk, or specify another file: Connect-Helicone -Record <path>. The answer is in $Error[0].Exception.Completion.",
        HeliconeErrorKind.MalformedResponse => "Check the address, because another service may be responding: Test-HeliconeConnection -Detailed.",
        HeliconeErrorKind.SchemaMismatch when error.Code == "length" => "Run the command again with a higher -MaxTokens, or with less input.",
        HeliconeErrorKind.SchemaMismatch when error.Code == "content_filter" => "Change the prompt or the input. The answer is in $Error[0].Exception.Completion.",
        HeliconeErrorKind.SchemaMismatch => "See the answer in $Error[0].Exception.Completion. Use a simpler shape, explain the properties in the prompt, or use another -Model.",
        _ => "Run the command again with -Verbose to see each attempt.",
    };

    /// <summary>A time to wait, such as <c>in 90 seconds</c>; <see langword="null"/> when the server specifies none, or one that has passed.</summary>
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
            "Check the key with Get-HeliconeConnection. A key that begins with 'pk-' can write to the log but can't read it. To use another key, run Connect-Helicone -ApiKey <key>.",
        HeliconeErrorKind.InvalidRequest => "Correct the value in the message. Test-HeliconeConnection -Detailed tests the connection.",
        HeliconeErrorKind.UpstreamFailed => "Run the command again later. Test-HeliconeConnection -Detailed tests the connection.",
        HeliconeErrorKind.RateLimited when When(error.RetryAfter) is { } when => $"Run the command again {when}.",
        HeliconeErrorKind.RateLimited => "Run the command again in a minute, and request less: -First 100, and no -IncludeBody.",
        HeliconeErrorKind.TimedOut => "Request less: a later -Since, or -First 100.",
        _ => Advice(error),
    };

    private static string Advice(InvalidInput input) => input switch
    {
        InvalidInput.Key => "Copy a key from the API keys page of Helicone's settings: Connect-Helicone -ApiKey sk-helicone-....",
        InvalidInput.Route => "Write -Model gpt-4o-mini or -Model gpt-4o/openai. Use -Fallback and -ExcludeProvider for other models and providers. Get-HeliconeModel lists the models.",
        InvalidInput.RateLimitPolicy => "Write -RateLimitPolicy '100;w=3600;s=user', or -RateLimitPolicy @{ Quota = 100; Window = '1h'; Segment = 'user' } together with -UserId.",
        InvalidInput.Property => "Write -Property @{ Environment = 'production' }: names of letters, digits and '-', values of plain text.",
        InvalidInput.User => "Write -UserId user-789.",
        InvalidInput.RequestId => "Write -RequestId (New-Guid), for one call.",
        InvalidInput.Session => "Create a session with $session = New-HeliconeSession -Name 'Nightly triage', and write -Session $session -SessionPath /summary.",
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
        InvalidInput.Wildcard => "Use *, ?, or a set of characters such as [ab], as in *mini*; `[ matches the character [.",
        InvalidInput.File => "Write -File report.pdf, -Image *.png, or pipe files: Get-ChildItem *.png | Invoke-HeliconeChat 'Describe this image.' -ForEach.",
        InvalidInput.Shape => "Write -As @{ Severity = 'error', 'warning', 'info'; Count = [int]; Hosts = @('string') }, -As MyClass, or -As schema.json.",
        InvalidInput.Tool => "Write -Tool Get-Process, -Tool { param([string] $City) ... }, or -Tool (New-HeliconeTool -Command Get-Process -Parameter Name, Id).",
        InvalidInput.PromptFile => "Correct the file at the line in the message. Get-HeliconePrompt checks every prompt file. Get-Help about_Helicone_Prompts describes prompt files.",
        InvalidInput.PromptInput => "Get-Help about_Helicone_Prompts describes the inputs; (Get-HeliconePrompt <name>).Inputs lists those of a prompt.",
        InvalidInput.Mcp => "Write Connect-HeliconeMcp npx '-y', '@modelcontextprotocol/server-filesystem', '.', -Uri https://example.com/mcp, or -ConfigPath .mcp.json.",
        InvalidInput.Scenario => "Write -Scenario scenarios.json, or -Scenario @{ match = @{ prompt = 'weather' }; reply = @{ text = 'Sunny.' } }. Get-Help about_Helicone_Offline describes scenarios.",
        InvalidInput.Status => "Write -Status failed, -Status 4xx, or -Status 429, 500.",
        _ => "Correct the parameter in the message.",
    };
}
