using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using Helicone.Attribution;
using Helicone.Chat;
using Helicone.Completion;
using Helicone.Connections;
using Helicone.Errors;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>For the cmdlets that call a model: where the call goes, what it is tagged with, how long it may take.</summary>
public abstract class HeliconeCallCommand : TaggingCommand
{
    // The name in Helicone's own LiteLLM guide. No server reads it, so who copies it has no limit and does not know.
    private const string MisspeltRateLimit = "Helicone-Rate-Limit-Policy";
    private const string RateLimitHeader = "Helicone-RateLimit-Policy";

    private protected HeliconeCallCommand()
    {
    }

    /// <summary>The model, or a chain of models to try in this order, such as <c>gpt-4o/openai,claude-4.5-sonnet,!azure</c>. The connection's when left out, else <c>$env:HELICONE_MODEL</c>, else gpt-4o-mini.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string[]? Model { get; set; }

    /// <summary>What to try, in this order, when the model fails.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string[] Fallback { get; set; } = [];

    /// <summary>Providers not to use.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string[] ExcludeProvider { get; set; } = [];

    /// <summary>Answers from Helicone's cache when the same was asked before, and stores the answer.</summary>
    [Parameter]
    public SwitchParameter Cache { get; set; }

    /// <summary>How long the stored answer may be used: 7d, 1h, a TimeSpan, or seconds. 7 days when left out.</summary>
    [Parameter]
    [DurationTransformation]
    public TimeSpan? CacheMaxAge { get; set; }

    /// <summary>Keeps answers apart: calls with another seed do not share them.</summary>
    [Parameter]
    public string? CacheSeed { get; set; }

    /// <summary>How many different answers to collect before one of them is used again: 1 to 20.</summary>
    [Parameter]
    public int? CacheBucketSize { get; set; }

    /// <summary>A limit of how often this may be called: <c>'100;w=3600;s=user'</c>, <c>@{ Quota = 100; Window = '1h' }</c>, or a name that the connection defines.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(RateLimitCompleter))]
    public object? RateLimitPolicy { get; set; }

    /// <summary>Any other header.</summary>
    [Parameter]
    [ValidateNotNull]
    public IDictionary? Header { get; set; }

    /// <summary>How long the call may take, its retries included.</summary>
    [Parameter]
    [ValidateRange(0.001, 86400.0)]
    public double? TimeoutSec { get; set; }

    /// <summary>How long the first token of a stream may take.</summary>
    [Parameter]
    [ValidateRange(0.001, 86400.0)]
    public double? FirstTokenTimeoutSec { get; set; }

    /// <summary>How long an answer that has begun may be silent.</summary>
    [Parameter]
    [ValidateRange(0.001, 86400.0)]
    public double? IdleTimeoutSec { get; set; }

    /// <summary>How often to try again after a failure that may pass.</summary>
    [Parameter]
    [ValidateRange(0, 20)]
    public int? MaxRetry { get; set; }

    /// <summary>The models of the call.</summary>
    /// <param name="connection">The connection, whose models apply where nothing else names any.</param>
    /// <param name="before">The models of the conversation that the call continues.</param>
    private protected ModelRoute Route(HeliconeConnection connection, ModelRoute? before = null)
    {
        ModelRoute route = Model is not null ? Valid(() => ModelRoute.Parse(string.Join(",", Model)), string.Join(",", Model), InvalidInput.Route)
            : before ?? connection.Route
            ?? (Variables.Get(Variables.Model) is { } model ? Valid(() => ModelRoute.Parse(model), model, InvalidInput.Route)
            : connection.Client.Options.DefaultModel);
        foreach (string fallback in Fallback)
        {
            route = Valid(() => route.Then(ModelRoute.Parse(fallback)), fallback, InvalidInput.Route);
        }

        return ExcludeProvider.Length == 0
            ? route
            : Valid(() => route.Without(ExcludeProvider.Select(provider => provider.TrimStart('!'))), ExcludeProvider, InvalidInput.Route);
    }

    /// <summary>What the call is tagged with and how long it may take, checked: nothing in it can fail any more when the call is made.</summary>
    private protected RequestOptions CallOptions(HeliconeConnection connection)
    {
        RateLimitPolicy? limit = RateLimitPolicy is null
            ? null
            : Valid(() => RateLimits.From(RateLimitPolicy, connection.RateLimitPolicy), RateLimitPolicy, InvalidInput.RateLimitPolicy);
        Dictionary<string, string>? headers = Headers(ref limit);
        RequestOptions options = new()
        {
            Session = CallSession(connection),
            Tags = Tags(connection),
            Cache = CachePolicy(),
            RateLimit = limit,
            TotalTimeout = Seconds(TimeoutSec),
            FirstTokenTimeout = Seconds(FirstTokenTimeoutSec),
            IdleTimeout = Seconds(IdleTimeoutSec),
            MaxRetries = MaxRetry,
            OnRetry = attempt => Post(() => WriteVerbose(Retry(attempt))),
        };

        // The segment of a limit names a user or a property, so it can only be checked with both at hand.
        _ = Valid(options.Validate, RateLimitPolicy, InvalidInput.RateLimitPolicy);
        options = options with { Headers = headers };
        _ = Valid(options.Validate, Header, InvalidInput.Header);
        return options;
    }

    private static TimeSpan? Seconds(double? seconds) => seconds is { } value ? TimeSpan.FromSeconds(value) : null;

    private static string Retry(CallAttempt attempt)
    {
        string status = attempt.StatusCode is { } code ? string.Format(CultureInfo.InvariantCulture, " ({0})", code) : string.Empty;
        double wait = attempt.Wait?.TotalSeconds ?? 0;
        return string.Format(CultureInfo.InvariantCulture, "Attempt {0} failed: {1}{2}. {3} The next follows in {4:0.0} s.", attempt.Number, attempt.Kind, status, attempt.Message, wait);
    }

    private CachePolicy? CachePolicy()
    {
        bool described = CacheMaxAge is not null || CacheSeed is not null || CacheBucketSize is not null;
        bool wanted = MyInvocation.BoundParameters.ContainsKey(nameof(Cache)) ? Cache.IsPresent : described;
        return wanted
            ? Valid(() => new CachePolicy { MaxAge = CacheMaxAge, Seed = CacheSeed, BucketSize = CacheBucketSize }, (object?)CacheMaxAge ?? (object?)CacheBucketSize ?? CacheSeed, InvalidInput.Cache)
            : null;
    }

    private Dictionary<string, string>? Headers(ref RateLimitPolicy? limit)
    {
        if (Header is null)
        {
            return null;
        }

        Dictionary<string, string> headers = Valid(() => PropertyValues.Read(Header, "header"), Header, InvalidInput.Header);
        if (headers.ContainsKey(MisspeltRateLimit))
        {
            WriteWarning($"No server reads the header '{MisspeltRateLimit}': there will be no limit. It is spelt '{RateLimitHeader}', and -RateLimitPolicy checks its value.");
        }

        if (limit is null && headers.TryGetValue(RateLimitHeader, out string? text))
        {
            headers.Remove(RateLimitHeader);
            limit = Valid(() => Attribution.RateLimitPolicy.Parse(text), text, InvalidInput.RateLimitPolicy);
        }

        if (headers.ContainsKey("Authorization") || headers.ContainsKey("Helicone-Auth"))
        {
            // The value is a key: not even the hashtable may become the target of an error record.
            ThrowTerminatingError(ErrorRecords.Invalid(
                InvalidInput.Header,
                new FormatException("The key belongs to the connection, not to a header of a call: Connect-Helicone -ApiKey sets it."),
                "Authorization"));
        }

        return headers;
    }
}
