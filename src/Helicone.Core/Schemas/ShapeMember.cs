namespace Helicone.Schemas;

/// <summary>A property of an object in a shape.</summary>
public sealed class ShapeMember
{
    internal ShapeMember(string name, ShapeNode shape, string? description = null)
    {
        Name = name;
        Shape = shape;
        Description = description;
    }

    /// <summary>The name, as it is in the JSON.</summary>
    public string Name { get; }

    /// <summary>The shape of the value.</summary>
    public ShapeNode Shape { get; }

    /// <summary>The description that the model reads.</summary>
    public string? Description { get; }
}
