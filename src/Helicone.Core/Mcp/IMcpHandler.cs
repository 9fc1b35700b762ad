using System.Threading;
using System.Threading.Tasks;

namespace Helicone.Mcp;

/// <summary>Receives what a server sends on its own. Called on any thread.</summary>
internal interface IMcpHandler
{
    /// <summary>A log message.</summary>
    /// <param name="level">The level, such as <c>info</c>.</param>
    /// <param name="text">The message: text, or JSON.</param>
    public void Log(string level, string text);

    /// <summary>Something that didn't work, and that doesn't matter for the calls of the user.</summary>
    public void Report(string text);

    /// <summary>A text of the server with every secret masked.</summary>
    public string Redact(string text);

    /// <summary>A list has changed: <c>tools</c>, <c>resources</c>, or <c>prompts</c>.</summary>
    public void Changed(string list);

    /// <summary>Answers <c>sampling/createMessage</c>.</summary>
    /// <param name="parameters">The parameters as JSON.</param>
    /// <param name="cancellationToken">Canceled when the server withdraws the request, or the session ends.</param>
    /// <returns>The result as JSON.</returns>
    /// <exception cref="McpException">The request is refused; the server receives the message.</exception>
    public Task<string> SampleAsync(string parameters, CancellationToken cancellationToken);

    /// <summary>Answers <c>elicitation/create</c>.</summary>
    /// <param name="parameters">The parameters as JSON.</param>
    /// <param name="cancellationToken">Canceled when the server withdraws the request, or the session ends.</param>
    /// <returns>The result as JSON.</returns>
    public Task<string> ElicitAsync(string parameters, CancellationToken cancellationToken);
}
