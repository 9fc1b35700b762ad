using Helicone.Chat;

namespace Helicone.Bulk;

/// <summary>The result of one item: an answer, an error, or neither because it was skipped.</summary>
public sealed record BulkResult
{
    /// <summary>The input of the item.</summary>
    public object? Input { get; init; }

    /// <summary>The answer.</summary>
    public ChatCompletion? Completion { get; init; }

    /// <summary>The answer in the shape that was asked for; <see langword="null"/> when none was.</summary>
    public Schemas.ShapedAnswer? Shaped { get; init; }

    /// <summary>The reason why there is no answer.</summary>
    public Errors.HeliconeException? Error { get; init; }

    /// <summary>An earlier run sent it and never wrote its answer. With <see cref="ResumeMode.Skip"/> it was left at that.</summary>
    public bool WasSentBefore { get; init; }

    /// <summary>It was not sent, because of <see cref="ResumeMode.Skip"/>.</summary>
    public bool Skipped { get; init; }

    /// <summary>It was not sent, because the run had been halted by then (<see cref="BulkRun.Halted"/>).</summary>
    public bool NotSent { get; init; }
}
