using Helicone.Mcp.TestServer;

switch (args.FirstOrDefault())
{
    case "stdio":
        await HonestServer.RunStdioAsync();
        break;
    case "http":
        await HonestServer.RunHttpAsync(args.ElementAtOrDefault(1));
        break;
    case { } mode:
        HostileServer.Run(mode, args.Skip(1).ToArray());
        break;
    default:
        Console.Error.WriteLine("stdio, http [token], or the name of a hostile server");
        return 2;
}

return 0;
