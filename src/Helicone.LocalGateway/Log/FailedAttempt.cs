using System;

namespace Helicone.LocalGateway.Log;

/// <summary>A provider that was asked for a call and did not answer it.</summary>
/// <param name="Number">Which of the call's attempts it was, from 1 on.</param>
/// <param name="Source">Where it went, as <c>details[]</c> names it.</param>
/// <param name="Status">The true status, before the envelope flattens it.</param>
/// <param name="Type">The word of <c>details[].type</c>.</param>
/// <param name="Message">The message of the provider; <see langword="null"/> when the answer isn't kept.</param>
/// <param name="Latency">How long it took to fail.</param>
internal sealed record FailedAttempt(int Number, string Source, int Status, string Type, string? Message, TimeSpan Latency);
