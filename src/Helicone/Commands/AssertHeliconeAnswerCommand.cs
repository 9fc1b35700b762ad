using System;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Chat;
using Helicone.Completion;
using Helicone.Connections;
using Helicone.Errors;
using Helicone.Formatting;
using Helicone.Judging;
using Helicone.Runtime;
using Helicone.Schemas;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Fails when an answer isn't as expected: a pattern, a shape, a cost, or a claim that another model judges.</summary>
[Cmdlet(VerbsLifecycle.Assert, "HeliconeAnswer")]
[Alias("Should-HeliconeAnswer")]
[OutputType(typeof(PSObject))]
public sealed class AssertHeliconeAnswerCommand : ConnectedCommand
{
    private const int MaxAnswer = 500;

    // A pattern of a test that takes longer is a mistake.
    private static readonly TimeSpan s_matchTimeout = TimeSpan.FromSeconds(5);

    private readonly List<(string Name, Regex Pattern)> _required = [];
    private readonly List<(string Name, Regex Pattern)> _forbidden = [];
    private AnswerShape? _shape;
    private HeliconeConnection? _connection;
    private ModelRoute? _model;

    /// <summary>The answer, text, or an object of -As.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    public object? InputObject { get; set; }

    /// <summary>Claims about the answer that a model judges.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string[] Claim { get; set; } = [];

    /// <summary>How strictly to judge the claims.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Rubric { get; set; }

    /// <summary>Regular expressions that must match the text.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Match { get; set; } = [];

    /// <summary>Regular expressions that must not match the text.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] NotMatch { get; set; } = [];

    /// <summary>The shape of the answer: a hashtable of names and types, a type, or a JSON Schema.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? As { get; set; }

    /// <summary>The highest cost of the answer in US dollars. An unknown cost fails.</summary>
    [Parameter]
    [ValidateNotNull]
    [ValidateRange(0.0, 1e9)]
    public decimal? MaxAnswerCost { get; set; }

    /// <summary>The model that judges, or a chain of models.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCompleter))]
    public string[]? Model { get; set; }

    /// <summary>Writes the input when it is as expected.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override object? Target => InputObject;

    private protected override Task BeginProcessingAsync(CancellationToken cancellationToken)
    {
        if (Claim.Length == 0 && Match.Length == 0 && NotMatch.Length == 0 && As is null && MaxAnswerCost is null)
        {
            ThrowTerminatingError(ErrorRecords.Invalid(InvalidInput.Option, new FormatException("There is nothing to expect of the answer. Add -Claim, -Match, -NotMatch, -As, or -MaxAnswerCost."), null));
        }

        _required.AddRange(Patterns(Match));
        _forbidden.AddRange(Patterns(NotMatch));
        _shape = As is null ? null : Valid(() => ShapeArgument.From(As, GetUnresolvedProviderPathFromPSPath), As, InvalidInput.Shape);
        if (Claim.Length > 0)
        {
            _connection = Connect();
            _model = ModelArgument.Read(this, Model, [], [], _connection.Route, _connection.Client.Options.DefaultModel);
        }

        return Task.CompletedTask;
    }

    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        AnswerFacts answer = Valid(() => AnswerFacts.From(InputObject), InputObject, InvalidInput.Message);
        List<string> failures = [];
        foreach ((string name, Regex pattern) in _required)
        {
            Check(failures, $"-Match '{name}'", Matches(pattern, answer.Text) switch { true => null, false => "no match", _ => "the match took too long" });
        }

        foreach ((string name, Regex pattern) in _forbidden)
        {
            Check(failures, $"-NotMatch '{name}'", Matches(pattern, answer.Text) switch { false => null, true => "it matches", _ => "the match took too long" });
        }

        if (_shape is not null && _shape.FindProblems(answer.Text) is { Count: > 0 } problems)
        {
            Check(failures, "-As", string.Join(" ", problems));
        }

        if (MaxAnswerCost is { } limit)
        {
            Check(failures, $"-MaxAnswerCost {Cell.Money(limit)}", answer.Cost is not { } cost ? "the cost of the answer isn't known" : cost > limit ? $"the answer cost {Cell.Money(cost)}" : null);
        }

        // What costs nothing comes first: a judge isn't paid for an answer that has failed.
        if (failures.Count == 0)
        {
            await JudgeAsync(answer, failures, cancellationToken);
        }

        if (failures.Count > 0)
        {
            ThrowTerminatingError(ErrorRecords.AnswerMismatch(failures, Cut(answer.Text), InputObject));
        }

        if (PassThru)
        {
            WriteObject(InputObject);
        }
    }

    private async Task JudgeAsync(AnswerFacts answer, List<string> failures, CancellationToken cancellationToken)
    {
        foreach (string claim in Claim)
        {
            RequestOptions options = new() { Session = State.EnteredSession ?? _connection!.Session, Input = InputObject };
            try
            {
                AnswerVerdict verdict = await AnswerJudge.JudgeAsync(_connection!.Client.Chat, _model, claim, Rubric, answer.Question, answer.Text, options, cancellationToken).OnPipeline();
                if (IsVerbose)
                {
                    WriteVerbose($"{(verdict.Passed ? "Passed" : "Failed")}: {claim} {verdict.Reason}");
                    WriteVerbose(CallReport.Answer(verdict.Completion!));
                }

                Check(failures, $"-Claim '{claim}'", verdict.Passed ? null : verdict.Reason);
            }
            catch (HeliconeException e)
            {
                // A claim that nobody has judged hasn't passed, whatever $ErrorActionPreference is.
                ThrowTerminatingError(ErrorRecords.From(e, InputObject));
            }
        }
    }

    private IEnumerable<(string Name, Regex Pattern)> Patterns(string[] patterns)
    {
        foreach (string pattern in patterns)
        {
            yield return (pattern, Valid(() => new Regex(pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, s_matchTimeout), pattern));
        }
    }

    private static void Check(List<string> failures, string expectation, string? problem)
    {
        if (problem is not null)
        {
            failures.Add($"{expectation}: {problem}");
        }
    }

    private static bool? Matches(Regex pattern, string text)
    {
        try
        {
            return pattern.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }

    private static string Cut(string text) => text.Length <= MaxAnswer
        ? text
        : text.Substring(0, char.IsHighSurrogate(text[MaxAnswer - 1]) ? MaxAnswer - 1 : MaxAnswer) + string.Format(CultureInfo.InvariantCulture, "… ({0:N0} characters in all)", text.Length);
}
