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

    // The watch reads keys on another thread.
    private readonly object _lock = new();
    private readonly Queue<ConsoleKeyInfo> _typed = new();
    private readonly List<ConsoleKeyInfo> _aside = [];
    private int _pauses;

    /// <summary>Indicates whether a key can be read without waiting.</summary>
    public bool IsAvailable
    {
        get
        {
            lock (_lock)
            {
                return _typed.Count > 0 || ConsoleDevice.IsKeyAvailable;
            }
        }
    }

    public static bool IsControlC(ConsoleKeyInfo key) => key.KeyChar == '\u0003' || (key.Key == ConsoleKey.C && key.Modifiers == ConsoleModifiers.Control);

    /// <summary>Makes Ctrl+C a key until the result is disposed. Otherwise, it would stop the command and with it the conversation.</summary>
    public static IDisposable TakeControlC() => new ControlC(isKey: true);

    /// <summary>Makes Ctrl+C stop what runs until the result is disposed.</summary>
    public static IDisposable ReturnControlC() => new ControlC(isKey: false);

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

        lock (_lock)
        {
            return _typed.Count > 0 ? _typed.Dequeue() : ConsoleDevice.ReadKey();
        }
    }

    /// <summary>Watches for Ctrl+C until the answer has ended.</summary>
    /// <param name="stop">What Ctrl+C cancels.</param>
    /// <param name="ended">The end of the answer.</param>
    /// <remarks>On another thread, since a tool keeps the pipeline thread busy.</remarks>
    public Task WatchAsync(CancellationTokenSource stop, CancellationToken ended) => Task.Run(
        async () =>
        {
            while (!ended.IsCancellationRequested && !IsStopped())
            {
                try
                {
                    await Task.Delay(s_interval, ended).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }

            if (!ended.IsCancellationRequested)
            {
                stop.Cancel();
            }
        },
        CancellationToken.None);

    /// <summary>Lets others read the keys during a watch, until the result is disposed.</summary>
    public IDisposable PauseWatch() => new Pause(this, restoresKeys: false);

    /// <summary>Sets the keys aside that were typed before now, until the result is disposed: they must not answer a question that nobody has read.</summary>
    public IDisposable BeginQuestion()
    {
        Pause pause = new(this, restoresKeys: true);
        lock (_lock)
        {
            while (ConsoleDevice.IsKeyAvailable)
            {
                _typed.Enqueue(ConsoleDevice.ReadKey());
            }

            _aside.AddRange(_typed);
            _typed.Clear();
        }

        return pause;
    }

    /// <summary>Forgets the keys that were typed and not read.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _typed.Clear();
            _aside.Clear();
        }
    }

    /// <summary>Takes the keys that were typed, and looks for Ctrl+C among them.</summary>
    private bool IsStopped()
    {
        lock (_lock)
        {
            while (_pauses == 0 && ConsoleDevice.IsKeyAvailable)
            {
                ConsoleKeyInfo key = ConsoleDevice.ReadKey();
                if (IsControlC(key))
                {
                    // What was typed before it belongs to the answer that is ended.
                    _typed.Clear();
                    return true;
                }

                _typed.Enqueue(key);
            }

            return false;
        }
    }

    private sealed class Pause : IDisposable
    {
        private readonly ConsoleKeys _keys;
        private readonly bool _restoresKeys;

        public Pause(ConsoleKeys keys, bool restoresKeys)
        {
            (_keys, _restoresKeys) = (keys, restoresKeys);
            lock (keys._lock)
            {
                keys._pauses++;
            }
        }

        public void Dispose()
        {
            lock (_keys._lock)
            {
                _keys._pauses--;
                if (_restoresKeys)
                {
                    _keys._aside.ForEach(_keys._typed.Enqueue);
                    _keys._aside.Clear();
                }
            }
        }
    }

    private sealed class ControlC : IDisposable
    {
        private readonly bool _before = ConsoleDevice.IsControlCKey;

        public ControlC(bool isKey) => ConsoleDevice.IsControlCKey = isKey;

        public void Dispose() => ConsoleDevice.IsControlCKey = _before;
    }
}
