using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Errors;
using Helicone.Requests;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Adds scores to calls in Helicone's log.</summary>
[Cmdlet(VerbsCommon.Add, "HeliconeRequestScore", SupportsShouldProcess = true)]
[OutputType(typeof(LoggedRequest))]
public sealed class AddHeliconeRequestScoreCommand : RequestChangingCommand
{
    private Dictionary<string, double> _scores = [];

    /// <summary>Their names and values: numbers, or booleans, which are 1 and 0. One that is there already is replaced.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public IDictionary? Score { get; set; }

    private protected override string Action =>
        "Score " + string.Join(", ", _scores.Select(score => string.Format(CultureInfo.InvariantCulture, "{0} = {1}", score.Key, score.Value)));

    private protected override Task ChangeAsync(RequestLogClient log, string requestId, CancellationToken cancellationToken) =>
        log.AddScoreAsync(requestId, _scores, cancellationToken);

    // A record from the pipeline has its own scores.
    private protected override bool ReadRecord(object call)
    {
        if (!TryRead(() => ScoreArgument.Read(Score!), call, InvalidInput.Score, out Dictionary<string, double>? scores))
        {
            return false;
        }

        _scores = scores;
        return true;
    }
}
