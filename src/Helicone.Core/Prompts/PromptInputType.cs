namespace Helicone.Prompts;

/// <summary>The type of an input of a prompt file. Prompt files use the names of JSON Schema.</summary>
public enum PromptInputType
{
    /// <summary><c>string</c>: text. The type of an input that names none.</summary>
    Text,

    /// <summary><c>integer</c>: a whole number.</summary>
    Whole,

    /// <summary><c>number</c>: a number.</summary>
    Number,

    /// <summary><c>boolean</c>: true or false.</summary>
    Boolean,

    /// <summary><c>array</c>: a list of texts.</summary>
    Array,

    /// <summary><c>object</c>: any value, with its properties.</summary>
    Any,
}
