using System;
#if NET
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Helicone.Errors;
#endif
using Helicone.Chat;

namespace Helicone.Telemetry;

/// <summary>
/// One call as a span and as measurements of the source and the meter <c>Helicone</c>, in the names of OpenTelemetry's conventions for generative AI.
/// They contain names of models, numbers, and kinds of errors, and never a prompt, an answer, a message, or a key.
/// </summary>
/// <remarks>
/// The build for .NET Standard 2.0 has no telemetry: System.Diagnostics.DiagnosticSource is not a part of .NET Framework, and would be one more
/// assembly to bring into a Windows PowerShell that nothing there listens to.
/// </remarks>
#if NET
internal sealed class CallTelemetry
{
    private static readonly string? s_version = typeof(CallTelemetry).Assembly.GetName().Version?.ToString(3);
    private static readonly ActivitySource s_source = new("Helicone", s_version);
    private static readonly Meter s_meter = new("Helicone", s_version);
    private static readonly Histogram<double> s_duration = s_meter.CreateHistogram<double>("gen_ai.client.operation.duration", "s", "The duration of a call, its retries included.");
    private static readonly Histogram<long> s_tokens = s_meter.CreateHistogram<long>("gen_ai.client.token.usage", "{token}", "The number of input and output tokens of a call.");

    private readonly Activity? _activity;
    private readonly string _operation;
    private readonly string? _model;
    private readonly string _address;
    private string? _error;
    private string? _servedModel;
    private ChatUsage? _usage;

    private CallTelemetry(string operation, string? model, Uri gateway)
    {
        _operation = operation;
        _model = model;
        _address = gateway.IdnHost;
        _activity = s_source.StartActivity(model is null ? operation : operation + " " + model, ActivityKind.Client);
        _activity?.SetTag("gen_ai.operation.name", operation).SetTag("gen_ai.request.model", model).SetTag("server.address", _address).SetTag("server.port", gateway.Port);
    }

    /// <summary>Begins to observe a call.</summary>
    /// <returns><see langword="null"/> when nothing listens; then the call costs nothing more.</returns>
    internal static CallTelemetry? Begin(string operation, ModelRoute? model, Uri gateway) =>
        s_source.HasListeners() || s_duration.Enabled || s_tokens.Enabled ? new CallTelemetry(operation, model?.ToString(), gateway) : null;

    /// <summary>The call has its answer.</summary>
    internal void Answered(string? servedModel, ChatUsage? usage)
    {
        _servedModel = servedModel;
        _usage = usage;
    }

    /// <summary>The call failed or was canceled.</summary>
    internal void Failed(Exception e)
    {
        _error = e switch
        {
            HeliconeException known => known.Kind.ToString(),
            OperationCanceledException => typeof(OperationCanceledException).FullName,
            _ => e.GetType().FullName,
        };
    }

    /// <summary>The call has ended.</summary>
    internal void End(TimeSpan duration)
    {
        if (_activity is { } activity)
        {
            if (_error is not null)
            {
                activity.SetTag("error.type", _error).SetStatus(ActivityStatusCode.Error);
            }

            activity.SetTag("gen_ai.response.model", _servedModel);
            if (_usage is { } usage)
            {
                activity.SetTag("gen_ai.usage.input_tokens", usage.PromptTokens).SetTag("gen_ai.usage.output_tokens", usage.CompletionTokens);
            }

            activity.Dispose();
        }

        s_duration.Record(duration.TotalSeconds, Tags(tokenType: null));
        if (_usage is not null)
        {
            s_tokens.Record(_usage.PromptTokens, Tags("input"));
            s_tokens.Record(_usage.CompletionTokens, Tags("output"));
        }
    }

    private TagList Tags(string? tokenType)
    {
        TagList tags = new() { { "gen_ai.operation.name", _operation }, { "server.address", _address } };
        Add("gen_ai.request.model", _model);
        Add("gen_ai.response.model", _servedModel);
        Add("gen_ai.token.type", tokenType);
        Add("error.type", _error);
        return tags;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                tags.Add(name, value);
            }
        }
    }
}
#else
internal abstract class CallTelemetry
{
    /// <summary>Nothing observes a call.</summary>
    internal static CallTelemetry? Begin(string operation, ModelRoute? model, Uri gateway)
    {
        _ = operation;
        _ = model;
        _ = gateway;
        return null;
    }

    internal abstract void Answered(string? servedModel, ChatUsage? usage);

    internal abstract void Failed(Exception e);

    internal abstract void End(TimeSpan duration);
}
#endif
