using System;
using System.Globalization;

namespace Helicone.LocalGateway.Hosting;

/// <summary>The arguments of the program. There is no argument for a key: every user of a machine can read its process list.</summary>
internal static class CommandLine
{
    public const string Usage =
        """
        Helicone's AI Gateway on this machine.

          --port N          the port on 127.0.0.1; 0 for any free one (8787)
          --database FILE   where calls are kept; the gateway's key lies beside it
          --config FILE     a gateway.json with providers and models of your own
          --parent PID      end when this process ends, or when it writes "leave" to standard input, and not at Ctrl+C: that is meant for it
          --verbose         log every failed attempt at a provider
          --help            this text

        When it is ready it writes one line of JSON, {"uri","key","pid","joined","retention"}, to standard output.
        It ends at Ctrl+C, at SIGTERM, or with its parent.

        One gateway runs on a database. A second start joins it: it writes the address of the gateway that runs, with "joined" true,
        and stays until it is ended or that gateway ends. A gateway with a parent runs until its parent and all that joined are gone.
        """;

    /// <exception cref="GatewayStartException">An argument is unknown or has no fitting value.</exception>
    public static GatewayOptions Parse(ReadOnlySpan<string> args)
    {
        GatewayOptions options = new();
        for (int i = 0; i < args.Length; i++)
        {
            string name = args[i];
            if (name == "--verbose")
            {
                options = options with { Verbose = true };
                continue;
            }

            if (name is not ("--port" or "--database" or "--config" or "--parent"))
            {
                throw new GatewayStartException($"There is no argument '{name}'.\n\n{Usage}");
            }

            if (i + 1 == args.Length || args[i + 1].Length == 0)
            {
                throw new GatewayStartException($"{name} needs a value.\n\n{Usage}");
            }

            string value = args[++i];
            options = name switch
            {
                "--port" => options with { Port = Number(name, value, 0, 65535) },
                "--database" => options with { DatabasePath = value },
                "--config" => options with { ConfigurationPath = value },
                _ => options with { ParentProcessId = Number(name, value, 1, int.MaxValue) },
            };
        }

        return options;
    }

    private static int Number(string name, string value, int least, int most) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new GatewayStartException($"{name} takes a number from {least} to {most}, not '{value}'.");
}
