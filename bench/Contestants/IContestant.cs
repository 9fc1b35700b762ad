namespace Helicone.Bench.Contestants;

/// <summary>One way to call a model. What it cannot do it says by throwing <see cref="NotSupportedException"/>.</summary>
internal interface IContestant
{
    /// <summary>One warm blocking call.</summary>
    public Task CallAsync();

    /// <summary>One stream to its end; the number of chunks with text.</summary>
    public Task<int> StreamAsync() => throw new NotSupportedException();

    /// <summary>Many prompts, so many in flight.</summary>
    public Task ManyAsync(int prompts, int inFlight) => throw new NotSupportedException();
}
