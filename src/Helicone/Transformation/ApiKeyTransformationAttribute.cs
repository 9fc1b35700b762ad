using System.Management.Automation;
using System.Security;
using Helicone.Connections;

namespace Helicone.Transformation;

/// <summary>Takes a key as SecureString, as text or as the password of a credential.</summary>
/// <remarks>The engine's own conversion would put the text into its error message, so nothing is left to it.</remarks>
public sealed class ApiKeyTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) => (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
    {
        null => null,
        SecureString secure => secure,
        string text => ApiKey.Protect(text),
        PSCredential credential => credential.Password,
        object other => throw new ArgumentTransformationMetadataException(
            $"A key must be a SecureString, text, or a credential, not a {other.GetType().Name}. Use, for example, (Get-Secret Helicone)."),
    };
}
