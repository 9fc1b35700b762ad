using System;
using Helicone.Commands;
using Helicone.Http;

namespace Helicone.Runtime;

/// <summary>Shows requests and answers on the debug stream while it exists.</summary>
internal sealed class ExchangeDebug : IDisposable
{
    private readonly ExchangeLog? _before = ExchangeLog.Current;

    /// <param name="cmdlet">The command.</param>
    /// <param name="post">Has something written on the pipeline thread.</param>
    public ExchangeDebug(EngineCommand cmdlet, Action<Action> post) => ExchangeLog.Current = new ExchangeLog(text => post(() => cmdlet.WriteDebug(text)));

    public void Dispose() => ExchangeLog.Current = _before;
}
