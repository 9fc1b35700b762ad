using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using System.Text;

namespace Helicone.Tests.Hosting;

/// <summary>A host whose screen is a text.</summary>
internal sealed class ScreenHost(bool terminal = false, int width = 120) : PSHost
{
    private readonly ScreenUi _ui = new(terminal, width);

    public string Screen => _ui.Text;

    /// <summary>Called with whatever the host is asked to show.</summary>
    public Action? Called
    {
        set => _ui.Called = value;
    }

    /// <summary>What a person types, line by line; the input ends after the last. Without it, the host can't ask for input.</summary>
    public IEnumerable<string>? Lines
    {
        set => _ui.Lines = value is null ? null : new Queue<string>(value);
    }

    /// <summary>The answers to the questions in which one chooses, in their order. Without it, the host can't ask them.</summary>
    public IEnumerable<int>? Choices
    {
        set => _ui.Choices = value is null ? null : new Queue<int>(value);
    }

    public IReadOnlyCollection<ProgressRecord> Progress => _ui.Progress;

    public override string Name => "Screen";

    public override Version Version { get; } = new(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override PSHostUserInterface UI => _ui;

    public override void SetShouldExit(int exitCode)
    {
    }

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    private sealed class ScreenUi(bool terminal, int width) : PSHostUserInterface
    {
        private readonly StringBuilder _text = new();

        public Action? Called { get; set; }

        public Queue<string>? Lines { get; set; }

        public Queue<int>? Choices { get; set; }

        public string Text
        {
            get
            {
                lock (_text)
                {
                    return _text.ToString();
                }
            }
        }

        public ConcurrentQueue<ProgressRecord> Progress { get; } = new();

        public override PSHostRawUserInterface RawUI { get; } = new ScreenRawUi(width);

        public override bool SupportsVirtualTerminal => terminal;

        public override void Write(string value)
        {
            Called?.Invoke();
            lock (_text)
            {
                _text.Append(value);
            }
        }

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

        public override void WriteLine(string value) => Write(value + "\n");

        public override void WriteErrorLine(string value) => WriteLine(value);

        public override void WriteWarningLine(string message) => WriteLine("WARNING: " + message);

        public override void WriteVerboseLine(string message) => WriteLine("VERBOSE: " + message);

        public override void WriteDebugLine(string message) => WriteLine("DEBUG: " + message);

        public override void WriteProgress(long sourceId, ProgressRecord record)
        {
            Called?.Invoke();
            Progress.Enqueue(record);
        }

        // The typed text is on the screen, and so is the end of the line.
        public override string ReadLine()
        {
            if ((Lines ?? throw new NotSupportedException()).TryDequeue(out string? line))
            {
                WriteLine(line);
            }

            return line!;
        }

        public override SecureString ReadLineAsSecureString() => throw new NotSupportedException();

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw new NotSupportedException();

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw new NotSupportedException();

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => throw new NotSupportedException();

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        {
            Called?.Invoke();
            if (Choices is not null)
            {
                WriteLine(message);
                return Choices.Dequeue();
            }

            return Called is null ? throw new NotSupportedException() : defaultChoice;
        }
    }

    private sealed class ScreenRawUi(int width) : PSHostRawUserInterface
    {
        public override Size BufferSize { get; set; } = new(width, 3000);

        public override Size WindowSize { get; set; } = new(width, 50);

        public override Size MaxPhysicalWindowSize => new(width, 50);

        public override Size MaxWindowSize => new(width, 50);

        public override ConsoleColor BackgroundColor { get; set; }

        public override ConsoleColor ForegroundColor { get; set; }

        public override Coordinates CursorPosition { get; set; }

        public override int CursorSize { get; set; }

        public override bool KeyAvailable => false;

        public override Coordinates WindowPosition { get; set; }

        public override string WindowTitle { get; set; } = string.Empty;

        public override void FlushInputBuffer()
        {
        }

        public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException();

        public override KeyInfo ReadKey(ReadKeyOptions options) => throw new NotSupportedException();

        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) => throw new NotSupportedException();

        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw new NotSupportedException();

        public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw new NotSupportedException();
    }
}
