namespace Helicone.LocalGateway.Page;

/// <summary>What a browser sees that has no cookie yet.</summary>
internal static class SignInPage
{
    public static Markup Show(string? problem) => PageFrame.Around("Sign in", here: null, Content(problem), zone: null);

    private static Markup Content(string? problem) => new Markup().Add($"""
        <section class="card narrow">
        <h1>Sign in</h1>
        {Problem(problem)}
        <p>The log contains your prompts, so the page requires the gateway's key once. To open the page signed in, run this in PowerShell:</p>
        <pre class="code">Open-HeliconeDashboard</pre>
        <form method="post" action="/dashboard/sign-in">
        <label for="key">Or enter the gateway's key</label>
        <input id="key" name="key" type="password" autocomplete="off" spellcheck="false" required maxlength="200" aria-describedby="key-help">
        <p id="key-help" class="dim">It begins with sk-helicone- and is in gateway.key, next to the gateway's database.</p>
        <button type="submit">Sign in</button>
        </form>
        </section>
        """);

    private static Markup Problem(string? problem) => problem is null ? new Markup() : new Markup().Add($"<p class=\"problem\" role=\"alert\">{problem}</p>");
}
