using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Helicone.Runtime;

namespace Helicone.Prompt;

/// <summary>The keys of the console. While an answer arrives, Ctrl+C ends it, and other keys wait for the next prompt.</summary>
internal sealed class ConsoleKeys
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(15);

    private readonly Queue<ConsoleKeyInfo> _typed = new();

    /// <summary>Indicates whether a key can be read without waiting.</summary>
    public bool IsAvailable => _typed.Count > 0 || ConsoleDevice.IsKeyAvailable;

    public static bool IsControlC(ConsoleKeyInfo key) => key.KeyChar == '\u0003' || (key.Key == ConsoleKey.C && key.Modifiers == ConsoleModifiers.Control);

    /// <summary>Makes Ctrl+C a key until the result is disposed. Otherwise, it would stop the command and with it the conversation.</summary>
    public static IDisposable TakeControlC() => new ControlC();

    /// <summary>Waits for a key.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ConsoleKeyInfo Read(CancellationToken cancellationToken)
    {
        while (!IsAvailable)
        {
            // A blocking read can't be cancelled when another thread stops the pipeline.
            _ = cancellationToken.WaitHandle.WaitOne(s_interval);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return _typed.Count > 0 ? _typed.Dequeue() : ConsoleDevice.ReadKey();
    }

    /// <summary>Watches for Ctrl+C until the answer has ended.</summary>
    /// <param name="stop">What Ctrl+C cancels.</param>
    /// <param name="ended">The end of the answer.</param>
    public async Task WatchAsync(CancellationTokenSource stop, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            while (ConsoleDevice.IsKeyAvailable)
            {
                ConsoleKeyInfo key = ConsoleDevice.ReadKey();
                if (IsControlC(key))
                {
                    // What was typed before it belongs to the answer that is ended.
                    _typed.Clear();
                    stop.Cancel();
                    return;
                }

                _typed.Enqueue(key);
            }

            try
            {
                await Task.Delay(s_interval, ended);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private sealed class ControlC : IDisposable
    {
        private readonly bool _before = ConsoleDevice.IsControlCKey;

        public ControlC() => ConsoleDevice.IsControlCKey = true;

        public void Dispose() => ConsoleDevice.IsControlCKey = _before;
    }
}
