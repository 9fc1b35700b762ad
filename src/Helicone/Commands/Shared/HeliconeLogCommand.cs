using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Completion;
using Helicone.Errors;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>For the cmdlets that ask Helicone's log or change it.</summary>
public abstract class HeliconeLogCommand : ConnectedCommand
{
    private static readonly IReadOnlyDictionary<string, string> s_noProperties = new Dictionary<string, string>();

    private protected HeliconeLogCommand()
    {
    }

    private protected override ErrorRecord Record(HeliconeException error, object? target) => ErrorRecords.FromLog(error, target);

    /// <summary>Writes rows as they arrive. When the pipeline stops, so does the fetching.</summary>
    private protected async Task WriteAsync<T>(Func<AsyncSequence<T>> list, CancellationToken cancellationToken)
    {
        AsyncSequence<T> rows = Valid(list, Target, InvalidInput.Wildcard);
        AsyncSequence<T>.Enumerator row = rows.GetAsyncEnumerator(cancellationToken);
        try
        {
            while (await row.MoveNextAsync().AsTask())
            {
                SeenNames.Add(row.Current);
                WriteObject(row.Current);
                AfterRow(row.Current);
            }
        }
        finally
        {
            await row.DisposeAsync().AsTask();
        }
    }

    /// <summary>Called after each row was written.</summary>
    private protected virtual void AfterRow(object? row)
    {
    }

    /// <summary>Reads the sessions of a record: objects of New-HeliconeSession or Get-HeliconeSession, which have exactly their id, or ids, which may have wildcards.</summary>
    private protected bool TryReadSessionIds(object? sessions, [NotNullWhen(true)] out string[]? ids) =>
        TryRead(() => sessions is null ? [] : Each(sessions).Select(SessionArgument.PatternOf).ToArray(), sessions, InvalidInput.Session, out ids);

    /// <summary>Properties to look for.</summary>
    private protected IReadOnlyDictionary<string, string> PropertyFilter(IDictionary? properties) =>
        properties is null ? s_noProperties : Valid(() => PropertyArgument.Read(properties, "property"), properties, InvalidInput.Property);

    private static IEnumerable<object> Each(object sessions) => PlainValue.Unwrap(sessions) is IEnumerable list and not string ? list.Cast<object>() : [sessions];
}
