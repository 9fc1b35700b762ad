namespace Helicone.Errors;

/// <summary>The classification of an error.</summary>
/// <param name="Kind">The kind of the error.</param>
/// <param name="Transient">Indicates whether the same call may succeed later.</param>
internal readonly record struct ErrorVerdict(HeliconeErrorKind Kind, bool Transient);
