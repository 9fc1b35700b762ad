using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.LocalGateway.Hosting;

/// <summary>The processes that need this gateway: the one that started it and those that joined. The gateway ends when the last one is gone.</summary>
internal sealed class GatewayUsers
{
    private readonly Dictionary<int, CancellationTokenSource> _users = [];
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private readonly bool _isPermanent;
    private bool _isClosed;

    /// <param name="parent">The process that started the gateway; <see langword="null"/> when it runs until it receives a signal.</param>
    /// <param name="time">The clock for checks on processes.</param>
    public GatewayUsers(int? parent, TimeProvider time)
    {
        _time = time;
        _isPermanent = parent is null;
        if (parent is { } id)
        {
            TryAdd(id);
        }
    }

    /// <summary>Completes when nobody needs the gateway anymore.</summary>
    public Task Gone => _gone.Task;

    /// <summary>How many there are.</summary>
    public int Count => CountWithout(0);

    /// <summary>How many there would be without that process.</summary>
    public int CountWithout(int processId)
    {
        lock (_users)
        {
            return _users.Count + (_isPermanent ? 1 : 0) - (_users.ContainsKey(processId) ? 1 : 0);
        }
    }

    /// <summary>Adds a process; it is removed when it ends.</summary>
    /// <returns><see langword="false"/> when the gateway is ending: the last user has already left.</returns>
    public bool TryAdd(int processId)
    {
        CancellationTokenSource left = new();
        lock (_users)
        {
            if (_isClosed)
            {
                return false;
            }

            if (!_users.TryAdd(processId, left))
            {
                return true;
            }
        }

        _ = RemoveAtExitAsync(processId, left.Token);
        return true;
    }

    /// <summary>Removes a process.</summary>
    /// <returns>How many users are left. 0 means that the gateway is ending.</returns>
    public int Remove(int processId)
    {
        lock (_users)
        {
            if (_users.Remove(processId, out CancellationTokenSource? left))
            {
                left.Cancel();
            }

            int count = CountWithout(0);
            if (count == 0)
            {
                // From here on no process can join, so a process that received a confirmation can rely on the gateway.
                _isClosed = true;
                _gone.TrySetResult();
            }

            return count;
        }
    }

    private async Task RemoveAtExitAsync(int processId, CancellationToken left)
    {
        try
        {
            await ParentProcess.WaitForExitAsync(processId, _time, left);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        Remove(processId);
    }
}
