namespace Helicone.Schemas;

/// <summary>The JSON form of a value in a shape.</summary>
public enum ShapeKind
{
    /// <summary>Any JSON value.</summary>
    Any,

    /// <summary>Text, which may represent a date, a GUID, or another value that JSON has no form for.</summary>
    Text,

    /// <summary>A whole number.</summary>
    WholeNumber,

    /// <summary>A number.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>One of several values.</summary>
    Choice,

    /// <summary>A list of values of one shape.</summary>
    List,

    /// <summary>An object with properties of any name, all of one shape.</summary>
    Map,

    /// <summary>An object with known properties.</summary>
    Record,
}
