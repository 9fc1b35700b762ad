using System.Management.Automation;
using System.Text;

namespace Helicone.Tests.Hosting;

/// <summary>All that a script wrote.</summary>
internal sealed class Result
{
    public Result(IEnumerable<PSObject> output, PSDataStreams streams, ErrorRecord? terminating, bool stopped)
    {
        Output = [.. output];
        Errors = terminating is null ? [.. streams.Error] : [.. streams.Error, terminating];
        Warnings = streams.Warning.Select(record => record.Message).ToArray();
        Verbose = streams.Verbose.Select(record => record.Message).ToArray();
        Debug = streams.Debug.Select(record => record.Message).ToArray();
        Information = streams.Information.Select(record => record.MessageData.ToString()!).ToArray();
        Progress = streams.Progress.ToArray();
        Terminated = terminating is not null;
        Stopped = stopped;
    }

    public IReadOnlyList<PSObject> Output { get; }

    public IReadOnlyList<ErrorRecord> Errors { get; }

    public IReadOnlyList<string> Warnings { get; }

    public IReadOnlyList<string> Verbose { get; }

    public IReadOnlyList<string> Debug { get; }

    public IReadOnlyList<string> Information { get; }

    public IReadOnlyList<ProgressRecord> Progress { get; }

    /// <summary>Whether a terminating error ended it.</summary>
    public bool Terminated { get; }

    /// <summary>Whether it was stopped.</summary>
    public bool Stopped { get; }

    public PSObject Single => Assert.Single(Output);

    public ErrorRecord Error => Assert.Single(Errors);

    /// <summary>The error's id without the name of the cmdlet's class, which is no promise.</summary>
    public string ErrorId => Error.FullyQualifiedErrorId.Split(',')[0];

    public IEnumerable<string> Texts => Output.Select(item => item?.ToString() ?? string.Empty);

    public object? Property(string name) => Property(Single, name);

    public static object? Property(PSObject item, string name) =>
        item.Properties[name] is { } property ? property.Value : throw new InvalidOperationException($"There is no property {name} on {item}.");

    public Result AssertNoErrors()
    {
        Assert.True(Errors.Count == 0, string.Join("\n", Errors.Select(error => error.FullyQualifiedErrorId + ": " + error)));
        return this;
    }

    /// <summary>Everything that anybody could read of it.</summary>
    public string Everything()
    {
        StringBuilder all = new();
        foreach (string text in Texts.Concat(Warnings).Concat(Verbose).Concat(Debug).Concat(Information).Concat(Progress.Select(p => p.ToString())))
        {
            all.AppendLine(text);
        }

        foreach (PSObject item in Output)
        {
            foreach (PSPropertyInfo property in item.Properties)
            {
                all.Append(property.Name).Append('=').Append(property.Value).AppendLine();
            }
        }

        foreach (ErrorRecord error in Errors)
        {
            all.AppendLine(error.ToString()).AppendLine(error.Exception.ToString()).AppendLine(error.ErrorDetails?.Message).AppendLine(error.ErrorDetails?.RecommendedAction)
                .AppendLine(error.CategoryInfo.ToString()).AppendLine(error.TargetObject?.ToString()).AppendLine(error.FullyQualifiedErrorId);
        }

        return all.ToString();
    }
}
