using System;

namespace Helicone.Offline.Configuration;

/// <summary>A configuration can't be used; the message names the file, the line, and the column.</summary>
internal sealed class ConfigurationException(string message, Exception? innerException = null) : Exception(message, innerException);
