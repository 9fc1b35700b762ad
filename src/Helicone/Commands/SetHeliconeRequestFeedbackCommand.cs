using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Requests;
using Helicone.Transformation;

namespace Helicone.Commands;

/// <summary>Sets feedback (positive or negative) on logged requests.</summary>
[Cmdlet(VerbsCommon.Set, "HeliconeRequestFeedback", SupportsShouldProcess = true)]
[OutputType(typeof(LoggedRequest))]
public sealed class SetHeliconeRequestFeedbackCommand : RequestChangingCommand
{
    /// <summary>Positive or Negative; <c>$true</c> and <c>$false</c> mean the same.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [FeedbackRatingTransformation]
    public FeedbackRating Rating { get; set; }

    private protected override string Action => $"Rate {Rating}";

    private protected override Task ChangeAsync(RequestLogClient log, string requestId, CancellationToken cancellationToken) =>
        log.SetFeedbackAsync(requestId, Rating == FeedbackRating.Positive, cancellationToken);
}
