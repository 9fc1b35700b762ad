using System;
using System.Collections.Generic;
using System.Linq;
using Helicone.Errors;

namespace Helicone.Chat;

/// <summary>The models to try, in order, with providers and exclusions: <c>gpt-4o/openai,claude-4.5-sonnet/anthropic,!azure</c>.</summary>
/// <remarks>
/// Grammar: Helicone/helicone worker/src/lib/ai-gateway/SimpleAIGateway.ts @a5785cc8 (parseModelString). Commas separate elements; <c>!provider</c> excludes a provider from
/// all of them, at any position; <c>model[:online][/provider[/deployment]]</c> is tried in its turn. The set of providers is open.
/// </remarks>
public sealed class ModelRoute : IEquatable<ModelRoute>
{
    private const string ClientPrefix = ModelCandidate.ClientName + "/";
    private const string Example = "A route looks like 'gpt-4o', 'gpt-4o/openai' or 'gpt-4o/openai,claude-4.5-sonnet,!azure'.";

    private readonly string _text;

    /// <summary>Creates a route.</summary>
    /// <exception cref="ArgumentException">There is no candidate, or an exclusion is not a provider's name.</exception>
    public ModelRoute(IEnumerable<ModelCandidate> candidates, IEnumerable<string>? exclusions = null)
    {
        Candidates = candidates.ToArray();
        if (Candidates.Count == 0)
        {
            throw new ArgumentException($"The model route contains no model. {Example}", nameof(candidates));
        }

        List<string> excluded = [];
        foreach (string provider in exclusions ?? [])
        {
            if (string.IsNullOrWhiteSpace(provider) || provider.Any(c => c is ',' or '/' or '!' || char.IsWhiteSpace(c) || char.IsControl(c)))
            {
                throw new ArgumentException($"'!{provider}' does not exclude a provider. Use a provider's name, such as '!openai'.", nameof(exclusions));
            }

            if (!excluded.Contains(provider, StringComparer.OrdinalIgnoreCase))
            {
                excluded.Add(provider);
            }
        }

        Exclusions = excluded;

        foreach (ModelCandidate candidate in Candidates)
        {
            if (candidate.Provider is { } provider && excluded.Contains(provider, StringComparer.OrdinalIgnoreCase))
            {
                throw new ArgumentException($"The route requests '{candidate}' and excludes its provider '{provider}', so it can never be used.", nameof(exclusions));
            }
        }

        _text = string.Join(",", Candidates.Select(c => c.ToString()).Concat(Exclusions.Select(e => "!" + e)));
    }

    /// <summary>The models to try, in order.</summary>
    public IReadOnlyList<ModelCandidate> Candidates { get; }

    /// <summary>The providers not to use.</summary>
    public IReadOnlyList<string> Exclusions { get; }

    /// <summary>Reads a route. A <c>helicone/</c> before a model, LiteLLM's way of writing it, is dropped: it never goes on the wire.</summary>
    /// <exception cref="FormatException">The text is not a route; the message names the element that is wrong.</exception>
    public static ModelRoute Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new FormatException($"A model route is empty. {Example}");
        }

        List<ModelCandidate> candidates = [];
        List<string> exclusions = [];
        foreach (string part in text.Split(','))
        {
            string element = part.Trim();
            if (element.Length == 0)
            {
                throw new FormatException($"The model route '{text}' has an empty element. {Example}");
            }

            if (element[0] == '!')
            {
                exclusions.Add(element.Substring(1).Trim());
            }
            else
            {
                candidates.Add(ParseCandidate(element, text));
            }
        }

        try
        {
            return new ModelRoute(candidates, exclusions);
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.MessageAlone(), e);
        }
    }

    /// <summary>This route, then another: what fails here is tried there.</summary>
    public ModelRoute Then(ModelRoute fallback) => new(Candidates.Concat(fallback.Candidates), Exclusions.Concat(fallback.Exclusions));

    /// <summary>This route without some providers.</summary>
    public ModelRoute Without(IEnumerable<string> providers) => new(Candidates, Exclusions.Concat(providers));

    /// <summary>Exactly what goes on the wire as <c>model</c>.</summary>
    public override string ToString() => _text;

    /// <inheritdoc/>
    public bool Equals(ModelRoute? other) => other is not null && string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ModelRoute);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_text);

    private static ModelCandidate ParseCandidate(string element, string text)
    {
        string rest = element.StartsWith(ClientPrefix, StringComparison.OrdinalIgnoreCase) ? element.Substring(ClientPrefix.Length) : element;
        string[] parts = rest.Split('/');
        if (parts.Length > 3)
        {
            throw new FormatException($"'{element}' in the model route '{text}' has more than three parts. The format is model/provider/deployment.");
        }

        string model = parts[0];
        bool online = model.EndsWith(ModelCandidate.OnlineSuffix, StringComparison.Ordinal);
        if (online)
        {
            model = model.Substring(0, model.Length - ModelCandidate.OnlineSuffix.Length);
        }

        try
        {
            return new ModelCandidate(model, parts.Length > 1 ? parts[1] : null, parts.Length > 2 ? parts[2] : null, online);
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"'{element}' in the model route '{text}' cannot be read. {e.MessageAlone()}", e);
        }
    }
}
