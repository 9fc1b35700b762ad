using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;

using Microsoft.AspNetCore.Http;

namespace Helicone.LocalGateway.Tests.Hosting;

public sealed class ProgramTests : IDisposable
{
    private const int Sigterm = 15;
    private const int Sigint = 2;

    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-program-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(Sigterm)]
    [InlineData(Sigint)]
    public async Task Program_SaysOneLine_Answers_AndEndsAtASignal(int signal)
    {
        using GatewayProcess program = GatewayProcess.Start(null, "--port", "0", "--database", GatewayProcess.DatabaseIn(_folder));
        JsonElement ready = await program.ReadyAsync();
        string uri = ready.GetProperty("uri").GetString()!;
        string key = ready.GetProperty("key").GetString()!;
        using HttpClient client = new() { BaseAddress = new Uri(uri) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using HttpResponseMessage response = await client.PostAsync(
            new Uri("v1/chat/completions", UriKind.Relative),
            new StringContent("""{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]}""", Encoding.UTF8));

        Signal(program, signal);
        (int exitCode, string output, string error) = await program.EndAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Matches(@"^http://127\.0\.0\.1:[1-9][0-9]*/$", uri);
        Assert.Equal(program.Id, ready.GetProperty("pid").GetInt32());
        Assert.Equal("""{"maxAge":"90d","maxSize":"2GB"}""", ready.GetProperty("retention").GetRawText());
        Assert.Equal(key, (await File.ReadAllTextAsync(Path.Combine(_folder, "gateway.key"))).Trim());
        Assert.Equal((0, string.Empty, string.Empty), (exitCode, output, error));
    }

    [Fact]
    public async Task Program_EndsWithAParentThatIsKilled()
    {
        using GatewayProcess parent = GatewayProcess.Start(null, "--port", "0", "--database", GatewayProcess.DatabaseIn(_folder));
        await parent.ReadyAsync();
        using GatewayProcess child = GatewayProcess.Start(null, "--port", "0", "--database", Path.Combine(_folder, "child.db"), "--parent", parent.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await child.ReadyAsync();

        parent.Kill();
        (int exitCode, string output, _) = await child.EndAsync();

        Assert.Equal((0, string.Empty), (exitCode, output));
    }

    [Fact]
    public async Task Program_OfAParent_LeavesCtrlCToIt()
    {
        string parent = Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);
        using GatewayProcess child = GatewayProcess.Start(null, "--port", "0", "--database", GatewayProcess.DatabaseIn(_folder), "--parent", parent);
        Uri uri = new((await child.ReadyAsync()).GetProperty("uri").GetString()!);
        using HttpClient client = new() { BaseAddress = uri };
        if (!OperatingSystem.IsWindows())
        {
            Signal(child, Sigint);
        }

        Assert.Equal("""{"status":"healthy :)"}""", await client.GetStringAsync(new Uri("healthcheck", UriKind.Relative)));
        Signal(child, Sigterm);
        await child.EndAsync();
    }

    [Fact]
    public async Task Program_AskedToEndAmidAStream_EndsAllTheSame()
    {
        await using FakeUpstream endless = await FakeUpstream.StartAsync(async context =>
        {
            // An answer has begun with its first event; before that, another provider could still be asked.
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"One\"}}]}\n\n");
            await context.Response.Body.FlushAsync();
            await Task.Delay(System.Threading.Timeout.Infinite, context.RequestAborted);
        });
        string configuration = Path.Combine(_folder, "gateway.json");
        await File.WriteAllTextAsync(configuration, GatewayJsonText.Providers(("one", endless.BaseUrl)));
        using GatewayProcess program = GatewayProcess.Start(null, "--port", "0", "--database", GatewayProcess.DatabaseIn(_folder), "--config", configuration);
        JsonElement ready = await program.ReadyAsync();
        using HttpClient client = new() { BaseAddress = new Uri(ready.GetProperty("uri").GetString()!) };
        using HttpRequestMessage request = new(HttpMethod.Post, "v1/chat/completions") { Content = new StringContent("""{"model":"m/one","stream":true}""") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ready.GetProperty("key").GetString());
        using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Signal(program, Sigterm);

        Assert.Equal(0, (await program.EndAsync()).ExitCode);
        await Assert.ThrowsAnyAsync<Exception>(() => response.TextAsync());
    }

    [Fact]
    public async Task Program_WhoseParentIsGoneAlready_Ends()
    {
        using GatewayProcess gone = GatewayProcess.Start(null, "--help");
        await gone.EndAsync();
        using GatewayProcess child = GatewayProcess.Start(null, "--port", "0", "--database", GatewayProcess.DatabaseIn(_folder), "--parent", gone.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal(0, (await child.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Program_WhosePortIsTaken_SaysSoAndFails()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        string port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        using GatewayProcess program = GatewayProcess.Start(null, "--port", port, "--database", GatewayProcess.DatabaseIn(_folder));

        (int exitCode, string output, string error) = await program.EndAsync();

        Assert.Equal((1, string.Empty), (exitCode, output));
        Assert.Equal($"Port {port} is in use. Specify another port with --port, or 0 for any free port.", error.Trim());
    }

    [Theory]
    [InlineData("There is no argument '--prot'.", "--prot", "0")]
    [InlineData("There is no argument '--key'.", "--key", "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd")]
    [InlineData("--port needs a value.", "--port")]
    [InlineData("--port takes a number from 0 to 65535, not '65536'.", "--port", "65536")]
    [InlineData("--parent takes a number from 1 to 2147483647, not 'me'.", "--parent", "me")]
    public async Task Program_WithAWrongArgument_SaysWhichAndFails(string message, params string[] arguments)
    {
        using GatewayProcess program = GatewayProcess.Start(null, arguments);

        (int exitCode, string output, string error) = await program.EndAsync();

        Assert.Equal((1, string.Empty), (exitCode, output));
        Assert.StartsWith(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Program_StaysOnLoopbackWhateverTheEnvironmentSays()
    {
        Dictionary<string, string> environment = new() { ["ASPNETCORE_URLS"] = "http://0.0.0.0:0", ["ASPNETCORE_HTTP_PORTS"] = "0", ["DOTNET_ENVIRONMENT"] = "Development" };
        using GatewayProcess program = GatewayProcess.Start(environment, "--port", "0", "--database", GatewayProcess.DatabaseIn(_folder));

        Assert.StartsWith("http://127.0.0.1:", (await program.ReadyAsync()).GetProperty("uri").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProviderKeys_AreInNothingThatTheProgramSays()
    {
        const string Secret = "sk-provider-secret-0815";
        await using FakeUpstream refusing = await FakeUpstream.StartAsync(context => FakeUpstream.WriteJsonAsync(context, 401, $$$"""{"error":{"message":"Wrong key: {{{Secret}}}"}}"""));
        string configuration = Path.Combine(_folder, "gateway.json");
        await File.WriteAllTextAsync(configuration, $$"""{ "providers": [ { "name": "openai", "baseUrl": "{{refusing.BaseUrl}}" } ] }""");
        using GatewayProcess program = GatewayProcess.Start(
            new Dictionary<string, string> { ["OPENAI_API_KEY"] = Secret },
            "--port", "0", "--database", GatewayProcess.DatabaseIn(_folder), "--config", configuration, "--verbose");
        JsonElement ready = await program.ReadyAsync();
        using HttpClient client = new() { BaseAddress = new Uri(ready.GetProperty("uri").GetString()!) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ready.GetProperty("key").GetString());

        using HttpResponseMessage response = await client.PostAsync(new Uri("v1/chat/completions", UriKind.Relative), new StringContent("""{"model":"gpt-4o/openai","messages":[]}"""));
        string answer = response + await response.TextAsync();
        Signal(program, Sigterm);
        (_, string output, string error) = await program.EndAsync();

        Assert.Equal("Bearer " + Secret, Assert.Single(refusing.Received).Headers["Authorization"]);
        Assert.Contains("gpt-4o/openai/byok failed with 401 request_failed", error, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, ready + answer + output + error, StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(_folder), file => Assert.DoesNotContain(Secret, File.ReadAllText(file), StringComparison.Ordinal));
    }

    private static void Signal(GatewayProcess program, int signal)
    {
        // Windows has no signals: there, ending is killing.
        if (OperatingSystem.IsWindows())
        {
            program.Kill();
            return;
        }

        Assert.Equal(0, Kill(program.Id, signal));
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int processId, int signal);
}
