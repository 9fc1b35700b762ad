using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using Helicone.Serialization;
using Helicone.Tools;

namespace Helicone.Mcp;

/// <summary>Files that list MCP servers: those of Claude (<c>mcpServers</c>), of VS Code (<c>servers</c>), and of others with the same form.</summary>
public static class McpConfiguration
{
    private static readonly JsonDocumentOptions s_json = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private static readonly Regex s_placeholder = new(@"\$\{([^}]*)\}", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    // Parts of paths that don't distinguish servers.
    private static readonly string[] s_generic = ["index", "main", "cli", "start", "run", "dist", "build", "lib", "out", "src", "bin", "server", "mcp"];
    private static readonly string[] s_affixes = ["mcp-server-", "server-", "mcp-"];
    private static readonly string[] s_endings = ["-mcp-server", "-server", "-mcp", ".exe", ".cmd", ".bat", ".js", ".mjs", ".py", ".dll"];

    /// <summary>Reads a configuration.</summary>
    /// <param name="json">The content of the file: JSON, in which comments are allowed.</param>
    /// <param name="folder">The folder that <c>${workspaceFolder}</c> means, and in which the servers start.</param>
    /// <param name="selects">Indicates whether a server is wanted. Values that only other servers need are not asked for.</param>
    /// <param name="ask">Asks the user for a value; <see langword="null"/> when there is no one to ask.</param>
    /// <exception cref="FormatException">The file isn't a configuration, or a value is missing.</exception>
    public static IReadOnlyList<McpServerOptions> Read(string json, string folder, Func<string, bool> selects, Func<McpInput, string?> ask)
    {
        if (selects is null || ask is null)
        {
            throw new ArgumentNullException(selects is null ? nameof(selects) : nameof(ask));
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, s_json);
        }
        catch (JsonException e)
        {
            // The exception counts from 0, and in bytes; an editor counts from 1.
            int at = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            throw new FormatException(string.Format(CultureInfo.InvariantCulture, "The configuration isn't valid JSON (line {0}, column {1}): {2}", e.LineNumber + 1, e.BytePositionInLine + 1, at < 0 ? e.Message : e.Message.Substring(0, at)), e);
        }

        using (document)
        {
            JsonElement root = document.RootElement;
            JsonElement servers = default;
            bool isConfiguration = root.ValueKind == JsonValueKind.Object
                && (root.TryGetProperty("mcpServers", out servers) || root.TryGetProperty("servers", out servers) || (root.TryGetProperty("mcp", out JsonElement inner) && inner.ValueKind == JsonValueKind.Object && inner.TryGetProperty("servers", out servers)))
                && servers.ValueKind == JsonValueKind.Object;
            if (!isConfiguration)
            {
                throw new FormatException("The configuration has neither 'mcpServers' nor 'servers'. It looks like { \"mcpServers\": { \"files\": { \"command\": \"npx\", \"args\": [\"-y\", \"@modelcontextprotocol/server-filesystem\", \".\"] } } }.");
            }

            if (servers.EnumerateObject().GroupBy(static server => McpServer.ToolPrefix(server.Name), StringComparer.OrdinalIgnoreCase).FirstOrDefault(static group => group.Count() > 1) is { } alike)
            {
                throw new FormatException($"The configuration lists servers with the same name: {string.Join(", ", alike.Select(static server => $"'{server.Name}'"))}.");
            }

            Placeholders placeholders = new(folder, Inputs(root), ask);
            return [.. servers.EnumerateObject()
                .Where(server => selects(server.Name) && !(server.Value.ValueKind == JsonValueKind.Object && server.Value.TryGetProperty("disabled", out JsonElement disabled) && disabled.ValueKind == JsonValueKind.True))
                .Select(server => Server(server, folder, placeholders))];
        }
    }

    /// <summary>A name for a server that was given none: <c>filesystem</c> for <c>npx -y @modelcontextprotocol/server-filesystem .</c>.</summary>
    public static string NameOf(McpServerOptions options)
    {
        if (options is null)
        {
            throw new ArgumentNullException(nameof(options));
        }

        if (options.Uri is { } uri)
        {
            if (!uri.IsAbsoluteUri)
            {
                throw new ArgumentException($"'{uri.OriginalString}' isn't an http or https address.", nameof(options));
            }

            return ToolDefinition.ToName(uri.IsLoopback ? "local" : uri.Host.ToLowerInvariant());
        }

        // Of npx, node, uvx, docker, and dotnet, the package or the path identifies the server.
        string? program = options.Arguments.FirstOrDefault(static argument => argument.IndexOf("mcp", StringComparison.OrdinalIgnoreCase) >= 0 || argument.IndexOf("server-", StringComparison.OrdinalIgnoreCase) >= 0);
        string name = (program ?? options.Command ?? "server").Split('/', '\\').Select(Bare).LastOrDefault(static part => part.Length > 0 && Array.IndexOf(s_generic, part) < 0) ?? "server";
        return ToolDefinition.ToName(name.ToLowerInvariant());
    }

    // server-filesystem@1.2.3 is filesystem.
    private static string Bare(string part)
    {
        string name = part.IndexOf('@') > 0 ? part.Substring(0, part.IndexOf('@')) : part.TrimStart('@');
        for (string? ending; (ending = s_endings.FirstOrDefault(ending => name.Length > ending.Length && name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))) is not null;)
        {
            name = name.Substring(0, name.Length - ending.Length);
        }

        string? affix = s_affixes.FirstOrDefault(affix => name.Length > affix.Length && name.StartsWith(affix, StringComparison.OrdinalIgnoreCase));
        return (affix is null ? name : name.Substring(affix.Length)).ToLowerInvariant();
    }

    private static Dictionary<string, McpInput> Inputs(JsonElement root)
    {
        Dictionary<string, McpInput> inputs = new(StringComparer.Ordinal);
        if (root.TryGetProperty("inputs", out JsonElement list) && list.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement input in list.EnumerateArray())
            {
                if (JsonText.StringOf(input, "id") is { } id)
                {
                    string[] choices = input.TryGetProperty("options", out JsonElement options) && options.ValueKind == JsonValueKind.Array
                        ? [.. options.EnumerateArray().Select(static option => JsonText.StringOf(option) ?? JsonText.StringOf(option, "value")).Where(static option => option is not null).Select(static option => option!)]
                        : [];
                    inputs[id] = new McpInput(id, JsonText.StringOf(input, "description"), input.TryGetProperty("password", out JsonElement password) && password.ValueKind == JsonValueKind.True, JsonText.StringOf(input, "default"), choices);
                }
            }
        }

        return inputs;
    }

    private static McpServerOptions Server(JsonProperty server, string folder, Placeholders placeholders)
    {
        JsonElement fields = server.Value;
        string Fail(string why) => throw new FormatException($"The server '{server.Name}' of the configuration {why}");
        if (fields.ValueKind != JsonValueKind.Object)
        {
            Fail("isn't an object.");
        }

        if (fields.TryGetProperty("envFile", out _))
        {
            Fail("has an 'envFile', which isn't supported. Use 'env' with placeholders such as ${env:NAME}.");
        }

        string? command = JsonText.StringOf(fields, "command");
        string? url = JsonText.StringOf(fields, "url") ?? JsonText.StringOf(fields, "serverUrl");
        if (command is null == url is null)
        {
            Fail("needs either a 'command' or a 'url'.");
        }

        placeholders.Server = server.Name;
        string? place = url is null ? null : placeholders.Fill(url);
        Uri? address = null;
        if (place is not null && !Uri.TryCreate(place, UriKind.Absolute, out address))
        {
            Fail($"has the url '{place}', which isn't an address.");
        }

        return new McpServerOptions
        {
            Name = server.Name,
            Command = command is null ? null : placeholders.Fill(command),
            Arguments = fields.TryGetProperty("args", out JsonElement arguments) && arguments.ValueKind == JsonValueKind.Array ? [.. arguments.EnumerateArray().Select(argument => placeholders.Fill(JsonText.StringOf(argument) ?? argument.GetRawText()))] : [],
            WorkingDirectory = Path.Combine(folder, JsonText.StringOf(fields, "cwd") is { } at ? placeholders.Fill(at) : string.Empty),
            Environment = Table(fields, "env", placeholders),
            Uri = address,
            Headers = Table(fields, "headers", placeholders),
            Secrets = placeholders.Secrets,
        };
    }

    private static Dictionary<string, string> Table(JsonElement fields, string name, Placeholders placeholders) =>
        fields.TryGetProperty(name, out JsonElement table) && table.ValueKind == JsonValueKind.Object
            ? table.EnumerateObject().Where(static field => field.Value.ValueKind != JsonValueKind.Null).ToDictionary(static field => field.Name, field => placeholders.Fill(JsonText.StringOf(field.Value) ?? field.Value.GetRawText()))
            : [];

    private sealed class Placeholders(string folder, Dictionary<string, McpInput> inputs, Func<McpInput, string?> ask)
    {
        private readonly Dictionary<string, string> _answers = new(StringComparer.Ordinal);
        private readonly List<string> _secrets = [];

        internal string Server { get; set; } = string.Empty;

        internal IReadOnlyList<string> Secrets => _secrets;

        /// <exception cref="FormatException">A placeholder has no value.</exception>
        internal string Fill(string text) => s_placeholder.Replace(text, match => Value(match.Groups[1].Value));

        private string Value(string name)
        {
            if (name.StartsWith("input:", StringComparison.Ordinal))
            {
                return Answer(name.Substring("input:".Length));
            }

            switch (name)
            {
                case "workspaceFolder":
                    return folder;
                case "workspaceFolderBasename":
                    return Path.GetFileName(folder.TrimEnd(Path.DirectorySeparatorChar));
                case "userHome":
                    return Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
                case "pathSeparator" or "/":
                    return Path.DirectorySeparatorChar.ToString();
            }

            string variable = name.StartsWith("env:", StringComparison.Ordinal) ? name.Substring("env:".Length) : name;
            int fallback = variable.IndexOf(":-", StringComparison.Ordinal);
            string? otherwise = fallback < 0 ? null : variable.Substring(fallback + 2);
            variable = fallback < 0 ? variable : variable.Substring(0, fallback);
            if (variable.IndexOf(':') >= 0)
            {
                throw new FormatException($"The server '{Server}' of the configuration uses the placeholder '${{{name}}}', which isn't supported. Use ${{env:NAME}} or ${{input:id}}.");
            }

            return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : otherwise
                ?? throw new FormatException($"The server '{Server}' of the configuration uses the environment variable '{variable}', which isn't set.");
        }

        private string Answer(string id)
        {
            if (_answers.TryGetValue(id, out string? known))
            {
                return known;
            }

            McpInput input = inputs.TryGetValue(id, out McpInput? described) ? described : new McpInput(id, null, IsPassword: true, null, []);
            string answer = ask(input) is { Length: > 0 } given ? given : input.Default
                ?? throw new FormatException($"The server '{Server}' of the configuration asks for '{id}', and no one can be asked in this session. Set an environment variable, and use ${{env:NAME}} instead of ${{input:{id}}}.");
            if (input.IsPassword)
            {
                _secrets.Add(answer);
            }

            return _answers[id] = answer;
        }
    }
}
