using Helicone.Core.Tests.Servers;
using Microsoft.Extensions.Time.Testing;

namespace Helicone.Core.Tests.Faults;

/// <summary>One attempt as the server sees it.</summary>
public sealed class FaultExchange(RawExchange raw, int attempt, FakeTimeProvider? time, Task seen)
{
    /// <summary>The text of a whole answer.</summary>
    public const string Answer = "Rayleigh scattering.";

    // A step is short against every limit of a faked call, and a hundred of them pass in a second.
    private static readonly TimeSpan s_step = TimeSpan.FromMinutes(1);

    public RawExchange Raw { get; } = raw;

    /// <summary>1 for the first attempt of the call.</summary>
    public int Attempt { get; } = attempt;

    /// <summary>Whether a stream was asked for.</summary>
    public bool Streamed { get; } = raw.Body.Contains("\"stream\":true", StringComparison.Ordinal);

    /// <summary>The consumer of the stream has its first chunk.</summary>
    public Task Seen { get; } = seen;

    /// <summary>The whole answer, in the form that was asked for.</summary>
    public async Task AnswerAsync()
    {
        if (!Streamed)
        {
            await Raw.RespondAsync(200, Answers.Whole);
            return;
        }

        await Raw.BeginEventsAsync();
        await Raw.ChunkAsync(Answers.Role + Answers.Text("Rayleigh "));
        await Raw.ChunkAsync(Answers.Text("scattering.") + Answers.Finish + Answers.Usage + Answers.Done);
        await Raw.EndAsync();
    }

    /// <summary>Sends nothing until the client disconnects.</summary>
    public async Task SilenceAsync()
    {
        Task<bool> left = Raw.WaitForClientToLeaveAsync();
        while (!left.IsCompleted)
        {
            await Task.WhenAny(left, Task.Delay(5, Raw.Stop));
            Pass(s_step);
        }

        Assert.True(await left);
        Raw.Close();
    }

    /// <summary>Lets time pass.</summary>
    public void Pass(TimeSpan span) => (time ?? throw new InvalidOperationException("Time is not faked.")).Advance(span);
}
