using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Helicone.LocalGateway.Answers;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Helicone.LocalGateway.Caching;

/// <summary>Stored answers. If the cache fails in any way, calls don't: then it returns no answer, stores none, and reports the failure once.</summary>
internal sealed class AnswerCache : IAsyncDisposable
{
    private readonly CacheLimits _limits;
    private readonly ILogger _logger;
    private readonly CacheStore? _store;
    private int _isBroken;

    public AnswerCache(string path, CacheLimits limits, TimeProvider time, ILogger logger)
    {
        _limits = limits;
        _logger = logger;
        try
        {
            _store = new CacheStore(path, limits, time, Report);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            Report(e);
        }
    }

    /// <summary>An answer to give again.</summary>
    public CachedAnswer? Find(CacheTicket ticket)
    {
        if (_store is null || ticket.Settings.BucketSize < 1)
        {
            return null;
        }

        try
        {
            return _store.FindInFull(ticket.Key, ticket.Settings.BucketSize);
        }
        catch (SqliteException e)
        {
            Report(e);
            return null;
        }
    }

    /// <summary>Keeps an answer, when it is one to keep.</summary>
    /// <param name="ticket">Whose.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="body">All of it; of events, without their terminator.</param>
    /// <param name="callId">The call that it answers.</param>
    /// <param name="latency">How long that took.</param>
    public void Save(CacheTicket ticket, Answer answer, ReadOnlyMemory<byte> body, string callId, TimeSpan latency)
    {
        CacheSettings settings = ticket.Settings;
        CachedKind kind = KindOf(answer);
        bool isKept = settings.Saves && settings.BucketSize >= 1 && settings.MaxAge > TimeSpan.Zero && answer.StatusCode == 200 && body.Length <= _limits.MaxAnswerBytes;
        if (_store is null || !isKept || !AnswerEnd.IsIn(kind, body.Span))
        {
            return;
        }

        try
        {
            _store.AddToFree(ticket.Key, settings.BucketSize, settings.MaxAge, new CachedAnswer(callId, 0, (long)latency.TotalMilliseconds, kind, answer.ContentType, body));
        }
        catch (SqliteException e)
        {
            Report(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
        {
            await Task.Run(_store.Dispose);
        }
    }

    private static CachedKind KindOf(Answer answer) => answer switch
    {
        StreamedAnswer { IsRaw: true } => CachedKind.RawStream,
        StreamedAnswer => CachedKind.Events,
        _ => CachedKind.Whole,
    };

    /// <summary>Once for each time that it breaks: a full disk at night must not fill the log as well.</summary>
    private void Report(Exception? failure)
    {
        bool wasBroken = Interlocked.Exchange(ref _isBroken, failure is null ? 0 : 1) == 1;
        if (failure is not null && !wasBroken)
        {
            GatewayLog.CacheFailed(_logger, failure.Message);
        }
    }
}
