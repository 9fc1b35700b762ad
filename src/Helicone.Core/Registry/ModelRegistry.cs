using System;
using System.Collections.Generic;

namespace Helicone.Registry;

/// <summary>The models of a gateway as of one moment.</summary>
/// <param name="Models">The models, by id.</param>
/// <param name="FetchedAt">When they were asked for.</param>
/// <param name="Source">The address that they came from.</param>
public sealed record ModelRegistry(IReadOnlyList<ModelInfo> Models, DateTimeOffset FetchedAt, Uri Source);
