using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Completion;
using Helicone.Errors;
using Helicone.Requests;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Sets properties of calls that are in Helicone's log already.</summary>
[Cmdlet(VerbsCommon.Set, "HeliconeRequestProperty", SupportsShouldProcess = true)]
[OutputType(typeof(LoggedRequest))]
public sealed class SetHeliconeRequestPropertyCommand : RequestChangingCommand
{
    private IReadOnlyDictionary<string, string> _properties = new Dictionary<string, string>();

    /// <summary>Their names and values. Others stay as they are.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PropertyCompleter))]
    public IDictionary? Property { get; set; }

    private protected override string Action => "Set " + string.Join(", ", _properties.Select(property => $"{property.Key} = {property.Value}"));

    private protected override Task BeginProcessingAsync(CancellationToken cancellationToken)
    {
        _properties = Valid(() => PropertyArgument.Tags(Property!), Property, InvalidInput.Property);
        return Task.CompletedTask;
    }

    private protected override async Task ChangeAsync(RequestLogClient log, string requestId, CancellationToken cancellationToken)
    {
        foreach (KeyValuePair<string, string> property in _properties.ToArray())
        {
            await log.SetPropertyAsync(requestId, property.Key, property.Value, cancellationToken);
        }
    }
}
