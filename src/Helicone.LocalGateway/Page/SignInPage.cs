namespace Helicone.LocalGateway.Page;

/// <summary>What a browser sees that has no cookie yet.</summary>
internal static class SignInPage
{
    public static Markup Show(string? problem) => PageFrame.Around("Sign in", here: null, Content(problem), zone: null);

    private static Markup Content(string? problem) => new Markup().Add($"""
        <section class="card narrow">
        <h1>Sign in</h1>
        {Problem(problem)}
        <p>The log holds your prompts, so the page wants the gateway's key once. PowerShell opens it signed in:</p>
        <pre class="code">Open-HeliconeDashboard</pre>
        <form method="post" action="/dashboard/sign-in">
        <label for="key">Or the key of this gateway</label>
        <input id="key" name="key" type="password" autocomplete="off" spellcheck="false" required maxlength="200" aria-describedby="key-help">
        <p id="key-help" class="dim">It begins with sk-helicone- and stands in gateway.key beside the gateway's database.</p>
        <button type="submit">Sign in</button>
        </form>
        </section>
        """);

    private static Markup Problem(string? problem) => problem is null ? new Markup() : new Markup().Add($"<p class=\"problem\" role=\"alert\">{problem}</p>");
}
