using System.Collections.Generic;

namespace Helicone.Prompt;

/// <summary>The words that can replace a part of a line.</summary>
/// <param name="Start">The position of the part, which ends at the cursor.</param>
/// <param name="Words">The words.</param>
internal sealed record Completions(int Start, IReadOnlyList<string> Words);
