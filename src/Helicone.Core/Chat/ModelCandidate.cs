using System;

namespace Helicone.Chat;

/// <summary>One model to try, and where: <c>model[:online][/provider[/deployment]]</c>.</summary>
public sealed record ModelCandidate
{
    internal const string OnlineSuffix = ":online";
    internal const string ClientName = "helicone";

    /// <summary>Creates a candidate.</summary>
    /// <param name="model">The model's id, without <c>:online</c>. Colons are legal: <c>ft:gpt-4o:my-org::abc123</c>.</param>
    /// <param name="provider">The one provider to use; <see langword="null"/> lets the gateway choose, own keys first, then the cheapest.</param>
    /// <param name="deploymentId">The id of one provider key or deployment (<c>cuid</c>); needs a provider.</param>
    /// <param name="online">Indicates whether the model may search the web.</param>
    /// <exception cref="ArgumentException">A part is empty or holds a character of the grammar.</exception>
    public ModelCandidate(string model, string? provider = null, string? deploymentId = null, bool online = false)
    {
        CheckPart(model, "model", nameof(model));
        if (model.Equals(ClientName, StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"'{model}' is not a model. In LiteLLM, 'gpt-4o' is written as 'helicone/gpt-4o'.", nameof(model));
        }

        if (model.EndsWith(OnlineSuffix, StringComparison.Ordinal))
        {
            throw new ArgumentException($"The model '{model}' ends with '{OnlineSuffix}' twice.", nameof(model));
        }

        if (provider is not null)
        {
            CheckPart(provider, "provider", nameof(provider));
        }

        if (deploymentId is not null)
        {
            CheckPart(deploymentId, "deployment id", nameof(deploymentId));
            if (provider is null)
            {
                throw new ArgumentException($"The deployment id '{deploymentId}' needs a provider: model/provider/deployment.", nameof(deploymentId));
            }
        }

        Model = model;
        Provider = provider;
        DeploymentId = deploymentId;
        Online = online;
    }

    /// <summary>The model's id.</summary>
    public string Model { get; }

    /// <summary>The one provider to use, or <see langword="null"/>.</summary>
    public string? Provider { get; }

    /// <summary>The one deployment to use, or <see langword="null"/>.</summary>
    public string? DeploymentId { get; }

    /// <summary>Indicates whether the model may search the web (<c>:online</c>).</summary>
    public bool Online { get; }

    /// <summary>Exactly what goes on the wire.</summary>
    public override string ToString()
    {
        string text = Online ? Model + OnlineSuffix : Model;
        if (Provider is not null)
        {
            text += "/" + Provider;
        }

        return DeploymentId is null ? text : text + "/" + DeploymentId;
    }

    private static void CheckPart(string part, string what, string paramName)
    {
        if (string.IsNullOrWhiteSpace(part))
        {
            throw new ArgumentException($"A model route has an empty {what}.", paramName);
        }

        if (part[0] == '!')
        {
            throw new ArgumentException($"'{part}' cannot be a {what}: '!' excludes a provider, as in 'gpt-4o,!azure'.", paramName);
        }

        foreach (char c in part)
        {
            if (c is ',' or '/' || char.IsControl(c))
            {
                throw new ArgumentException($"'{part}' cannot be a {what}: {(char.IsControl(c) ? "a control character" : $"'{c}'")} is not allowed in one.", paramName);
            }
        }

        if (char.IsWhiteSpace(part[0]) || char.IsWhiteSpace(part[part.Length - 1]))
        {
            throw new ArgumentException($"'{part}' cannot be a {what}: it begins or ends with white space.", paramName);
        }
    }
}
