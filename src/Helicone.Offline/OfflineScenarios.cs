using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using Helicone.Offline.Errors;

namespace Helicone.Offline;

/// <summary>The scenarios of one gateway.json at work. They count anew when the file changes.</summary>
internal sealed class OfflineScenarios(IEnumerable<OfflineScenario> scenarios)
{
    private readonly (OfflineScenario Scenario, Counter Served)[] _scenarios = [.. scenarios.Select(s => (s, new Counter()))];

    /// <summary>What the first scenario that fits does; <see langword="null"/> when none does.</summary>
    public OfflineReply? For(OfflineRequest request)
    {
        foreach ((OfflineScenario scenario, Counter served) in _scenarios)
        {
            try
            {
                if (scenario.Match.Fits(request, scenario.IsSequence, out Match? match, out int step) && (!scenario.IsSequence || step < scenario.Replies.Count) && served.TryTake(scenario.Times, out int count))
                {
                    return Play(scenario, scenario.Replies.Count == 0 ? null : scenario.Replies[scenario.IsSequence ? step : 0], request, match, count);
                }
            }
            catch (RegexMatchTimeoutException)
            {
                return new OfflineReply { Failure = new AttemptError(AttemptErrorType.RequestFailed, $"The regular expression of the scenario '{scenario.Name}' takes too long on this prompt.", 500) };
            }
        }

        return null;
    }

    /// <summary>Indicates whether a scenario is for this very model.</summary>
    public bool Names(string model) => _scenarios.Any(s => s.Scenario.Match.Model is { } pattern && SimpleExpression.Fits(model, pattern));

    private static OfflineReply Play(OfflineScenario scenario, ScenarioReply? said, OfflineRequest request, Match? match, int count)
    {
        OfflineReply reply = new() { Latency = scenario.Latency, Failure = scenario.Failure, Envelope = scenario.Envelope };
        return said is null
            ? reply
            : reply with
            {
                Content = said.Text?.Fill(request, match, count) ?? string.Empty,
                ToolCalls = [.. said.ToolCalls.Select(call => new OfflineToolCall(call.Name.Fill(request, match, count), call.Arguments?.Fill(request, match, count) ?? "{}"))],
                FinishReason = said.FinishReason,
                ChunkPace = said.ChunkPace,
                CutAfterChunks = said.CutAfterChunks,
            };
    }

    private sealed class Counter
    {
        private int _count;

        /// <summary>Counts one more, as long as there are not that many yet; calls may come together.</summary>
        public bool TryTake(int? most, out int count)
        {
            count = Interlocked.Increment(ref _count);
            if (count <= (most ?? int.MaxValue))
            {
                return true;
            }

            Interlocked.Decrement(ref _count);
            return false;
        }
    }
}
