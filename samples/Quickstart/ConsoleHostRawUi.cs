using System.Management.Automation.Host;

namespace Helicone.Samples.Quickstart;

/// <summary>The formatter asks it for the width of a line and nothing else.</summary>
internal sealed class ConsoleHostRawUi : PSHostRawUserInterface
{
    private readonly int _width = Console.IsOutputRedirected ? 120 : Math.Max(Console.WindowWidth, 40);

    public override Size BufferSize
    {
        get => new(_width, 3000);
        set { }
    }

    public override Size WindowSize
    {
        get => new(_width, 50);
        set { }
    }

    public override Size MaxPhysicalWindowSize => new(_width, 50);

    public override Size MaxWindowSize => new(_width, 50);

    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

    public override Coordinates CursorPosition { get; set; }

    public override int CursorSize { get; set; } = 1;

    public override bool KeyAvailable => false;

    public override Coordinates WindowPosition { get; set; }

    public override string WindowTitle { get; set; } = "Quickstart";

    public override void FlushInputBuffer()
    {
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException();

    public override KeyInfo ReadKey(ReadKeyOptions options) => throw new NotSupportedException();

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) => throw new NotSupportedException();

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw new NotSupportedException();

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw new NotSupportedException();
}
