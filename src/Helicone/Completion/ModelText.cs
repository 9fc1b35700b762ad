using System.Globalization;
using Helicone.Registry;

namespace Helicone.Completion;

/// <summary>A model in a tooltip.</summary>
internal static class ModelText
{
    public static string Describe(ModelInfo model)
    {
        string text = model.Name.Length == 0 ? model.Id : model.Name;
        if (model.ContextLength is { } context)
        {
            text += string.Format(CultureInfo.InvariantCulture, ", {0:N0} tokens", context);
        }

        return model.PromptPrice is { } prompt && model.CompletionPrice is { } completion
            ? text + string.Format(CultureInfo.InvariantCulture, ", ${0:0.######} in and ${1:0.######} out per million", prompt, completion)
            : text;
    }
}
