namespace Helicone.Core.Tests;

/// <summary>For tests that promise how soon something happens: they run when no other test keeps the machine busy.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
