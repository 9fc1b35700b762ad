#pragma warning disable RS0030 // Console: standard input is where the process that started this one asks it to leave.
using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Helicone.LocalGateway.Hosting;

/// <summary>The line <c>leave</c> on standard input: the process that started this one does not need the gateway anymore.</summary>
/// <remarks>A line and not the end of the input: a program that is started in the background may have none. And not a signal, which Windows does not have.</remarks>
internal static class LeaveCommand
{
    private const string Line = "leave";

    /// <summary>Completes when the line has been read. The end of the input is not a command.</summary>
    public static Task ReadAsync()
    {
        TaskCompletionSource read = new(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => Read(read)) { IsBackground = true, Name = "Leave command" }.Start();
        return read.Task;
    }

    private static void Read(TaskCompletionSource read)
    {
        try
        {
            using StreamReader input = new(Console.OpenStandardInput());
            while (input.ReadLine() is { } line)
            {
                if (line.Trim() == Line)
                {
                    read.TrySetResult();
                    return;
                }
            }
        }
        catch (IOException)
        {
            // No input, so no command: the parent's end is noticed all the same.
        }
    }
}
