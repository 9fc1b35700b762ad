using System;

namespace Helicone.Offline;

/// <summary>A scenario can't be used; the message names the place.</summary>
/// <param name="message">What is wrong, and where.</param>
/// <param name="innerException">The cause.</param>
public sealed class ScenarioException(string message, Exception? innerException = null) : FormatException(TerminalText.Show(message), innerException);
