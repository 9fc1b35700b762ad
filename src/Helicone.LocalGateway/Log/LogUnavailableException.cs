using System;

namespace Helicone.LocalGateway.Log;

/// <summary>The log cannot be written. A call that cannot be logged is not answered, and none is sent on until the log works again: that would cost money for nothing.</summary>
internal sealed class LogUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
