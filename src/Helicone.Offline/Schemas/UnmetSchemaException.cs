using System;

namespace Helicone.Offline.Schemas;

/// <summary>An attempt at a value that fits a schema has failed; another choice may succeed.</summary>
internal sealed class UnmetSchemaException(string message) : Exception(message);
