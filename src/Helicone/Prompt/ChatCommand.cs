namespace Helicone.Prompt;

/// <summary>A command of the chat prompt.</summary>
/// <param name="Name">The name, such as <c>/model</c>.</param>
/// <param name="Argument">What follows it, for the help; empty when nothing does.</param>
/// <param name="Description">What it does.</param>
internal sealed record ChatCommand(string Name, string Argument, string Description);
