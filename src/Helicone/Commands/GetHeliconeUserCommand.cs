using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Completion;
using Helicone.Errors;
using Helicone.Requests;
using Helicone.Runtime;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Gets the end users of Helicone's log with what their calls add up to.</summary>
[Cmdlet(VerbsCommon.Get, "HeliconeUser")]
[OutputType(typeof(LoggedUser))]
public sealed class GetHeliconeUserCommand : HeliconeLogCommand
{
    /// <summary>Their ids; wildcards allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(UserCompleter))]
    public string[] UserId { get; set; } = [];

    /// <summary>Users with a call since then: 7d for so long ago, a date, a DateTime.</summary>
    [Parameter]
    [ValidateNotNull]
    [MomentTransformation]
    public DateTime? Since { get; set; }

    /// <summary>Users with a call until then.</summary>
    [Parameter]
    [ValidateNotNull]
    [MomentTransformation]
    public DateTime? Until { get; set; }

    private protected override object? Target => UserId;

    private protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        // The API compares whole ids only; it gives all users at once, so wildcards are matched here.
        bool asksForAll = UserId.Any(WildcardPattern.ContainsWildcardCharacters);
        IReadOnlyList<LoggedUser> users = await Connect().Client.Users.ListAsync(asksForAll ? [] : UserId, Since, Until, cancellationToken).OnPipeline();
        foreach (LoggedUser user in users)
        {
            SeenNames.Add(user);
        }

        WriteObject(asksForAll ? Valid(() => users.Where(IsWanted).ToArray(), UserId, InvalidInput.Wildcard) : users, enumerateCollection: true);
    }

    private bool IsWanted(LoggedUser user) => UserId.Any(pattern => Wildcard.IsMatch(pattern, user.UserId));
}
