#pragma warning disable MCP9005 // Sampling, roots, and logs are deprecated in the newest protocol. Servers use them, so this one does.

using System.ComponentModel;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Helicone.Mcp.TestServer;

/// <summary>A server with one tool for each feature.</summary>
internal static class HonestServer
{
    internal static async Task RunStdioAsync()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        Add(builder.Services).WithStdioServerTransport();
        await builder.Build().RunAsync();
    }

    /// <summary>Serves on a free port, and prints the address.</summary>
    internal static async Task RunHttpAsync(string? token)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        Add(builder.Services).WithHttpTransport();
        WebApplication app = builder.Build();
        if (token is not null)
        {
            app.Use(async (context, next) =>
            {
                if (context.Request.Headers.Authorization != "Bearer " + token)
                {
                    context.Response.StatusCode = 401;
                    return;
                }

                await next();
            });
        }

        app.MapMcp("/mcp");
        await app.StartAsync();
        Console.WriteLine(app.Urls.First() + "/mcp");

        // Ends with the test that started it.
        while (Console.In.Read() >= 0)
        {
        }
    }

    private static IMcpServerBuilder Add(IServiceCollection services) => services
        .AddMcpServer(options => options.ServerInstructions = "Be kind.")
        .WithTools<Tools>()
        .WithPrompts<Prompts>()
        .WithResources<Resources>();

    [McpServerToolType]
    internal sealed class Tools
    {
        internal static readonly byte[] Pixel = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

        [McpServerTool(Name = "echo", ReadOnly = true), Description("Repeats a text.")]
        public static string Echo([Description("The text.")] string text) => "echo: " + text;

        [McpServerTool(Name = "picture"), Description("Returns a picture, a sound, and a resource.")]
        public static IEnumerable<ContentBlock> Picture() =>
        [
            new TextContentBlock { Text = "A red pixel." },
            ImageContentBlock.FromBytes(Pixel, "image/png"),
            AudioContentBlock.FromBytes("RIFF____WAVE"u8.ToArray(), "audio/wav"),
            new EmbeddedResourceBlock { Resource = new TextResourceContents { Uri = "test://note", MimeType = "text/plain", Text = "a note" } },
        ];

        [McpServerTool(Name = "structured", UseStructuredContent = true), Description("Returns structured content.")]
        public static Weather Structured(string city) => new(city, 21.5);

        [McpServerTool(Name = "fail"), Description("Reports an error.")]
        public static CallToolResult Fail() => new() { IsError = true, Content = [new TextContentBlock { Text = "the disk is full" }] };

        [McpServerTool(Name = "slow"), Description("Reports progress, and ends after a while.")]
        public static async Task<string> Slow(IProgress<ProgressNotificationValue> progress, int milliseconds, CancellationToken cancellationToken)
        {
            for (int i = 1; i <= 4; i++)
            {
                progress.Report(new ProgressNotificationValue { Progress = i, Total = 4, Message = $"step {i}" });
                await Task.Delay(milliseconds / 4, cancellationToken);
            }

            return "done";
        }

        [McpServerTool(Name = "log"), Description("Writes a log message.")]
        public static async Task<string> Log(McpServer server, string text)
        {
            await server.SendNotificationAsync(NotificationMethods.LoggingMessageNotification, new LoggingMessageNotificationParams { Level = LoggingLevel.Warning, Data = JsonSerializer.SerializeToElement(text) });
            return "logged";
        }

        [McpServerTool(Name = "ask_model"), Description("Asks a model.")]
        public static async Task<string> AskModel(McpServer server, string question)
        {
            CreateMessageResult answer = await server.SampleAsync(new CreateMessageRequestParams { MaxTokens = 50, Messages = [new SamplingMessage { Role = Role.User, Content = [new TextContentBlock { Text = question }] }] });
            return "the model said: " + ((TextContentBlock)answer.Content[0]).Text;
        }

        [McpServerTool(Name = "ask_user"), Description("Asks the user.")]
        public static async Task<string> AskUser(McpServer server)
        {
            ElicitResult answer = await server.ElicitAsync(new ElicitRequestParams
            {
                Message = "Which city?",
                RequestedSchema = new() { Properties = { ["city"] = new ElicitRequestParams.StringSchema { Title = "City" } }, Required = ["city"] },
            });
            return answer.Action + ": " + (answer.Content is { } content && content.TryGetValue("city", out JsonElement city) ? city.GetString() : "nothing");
        }

        [McpServerTool(Name = "ask_list"), Description("Asks the user to choose.")]
        public static async Task<string> AskList(McpServer server)
        {
            ElicitResult answer = await server.ElicitAsync(new ElicitRequestParams
            {
                Message = "Which ones?",
                RequestedSchema = new() { Properties = { ["pick"] = new ElicitRequestParams.UntitledMultiSelectEnumSchema { Items = new() { Enum = ["a", "b", "c"] }, Default = ["a", "c"] } } },
            });
            return answer.Action + ": " + answer.Content?["pick"].GetRawText();
        }

        [McpServerTool(Name = "roots"), Description("Lists the roots.")]
        public static async Task<string> Roots(McpServer server) => server.ClientCapabilities?.Roots is null
            ? "no roots"
            : string.Join(",", (await server.RequestRootsAsync(new ListRootsRequestParams())).Roots.Select(root => root.Uri));

        [McpServerTool(Name = "environment"), Description("Lists the names of the environment variables.")]
        public static string Environment() => string.Join(",", System.Environment.GetEnvironmentVariables().Keys.Cast<string>().Order());

        [McpServerTool(Name = "arguments"), Description("Returns the command line.")]
        public static string Arguments() => JsonSerializer.Serialize(System.Environment.GetCommandLineArgs().Skip(1));

        [McpServerTool(Name = "folder"), Description("Returns the working directory.")]
        public static string Folder() => System.Environment.CurrentDirectory;

        [McpServerTool(Name = "read_text_file", ReadOnly = true), Description("Reads a text file.")]
        public static string ReadTextFile([Description("The path of the file.")] string path) => File.ReadAllText(path);

        [McpServerTool(Name = "list_directory", ReadOnly = true), Description("Lists the files of a folder.")]
        public static string ListDirectory([Description("The path of the folder.")] string path) => string.Join("\n", Directory.GetFiles(path).Select(Path.GetFileName).Order());

        [McpServerTool(Name = "crash"), Description("Ends the server.")]
        public static string Crash()
        {
            Console.Error.WriteLine("fatal: out of cheese");
            System.Environment.Exit(3);
            return string.Empty;
        }
    }

    internal sealed record Weather(string City, double Celsius);

    [McpServerPromptType]
    internal sealed class Prompts
    {
        [McpServerPrompt(Name = "review"), Description("Reviews code.")]
        public static string Review([Description("The code.")] string code) => "Review this: " + code;
    }

    [McpServerResourceType]
    internal sealed class Resources
    {
        [McpServerResource(UriTemplate = "test://readme", Name = "readme", MimeType = "text/plain"), Description("A text.")]
        public static string Readme() => "Read me.";

        [McpServerResource(UriTemplate = "test://users/{id}", Name = "user"), Description("A user.")]
        public static string User(string id) => "user " + id;
    }
}
