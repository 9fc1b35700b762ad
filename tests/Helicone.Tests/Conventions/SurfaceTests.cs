using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Helicone.Tests.Hosting;

namespace Helicone.Tests.Conventions;

/// <summary>What the module shows to its users is whole and agrees with itself.</summary>
public sealed partial class SurfaceTests : IDisposable
{
    private static readonly string[] s_verbs = typeof(VerbsCommon).Assembly.GetTypes()
        .Where(type => type.Namespace == "System.Management.Automation" && type.Name.StartsWith("Verbs", StringComparison.Ordinal) && type is { IsAbstract: true, IsSealed: true })
        .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
        .Select(field => (string)field.GetValue(null)!)
        .ToArray();

    private readonly Shell _shell = new();
    private readonly PSModuleInfo _module;
    private readonly Type[] _cmdlets;

    public SurfaceTests()
    {
        _module = (PSModuleInfo)_shell.Run("Get-Module Helicone").Single.BaseObject;

        // A value of the client's makes it load, as the first cmdlet of a user does; reflection over signatures needs it.
        _shell.Run("New-HeliconeSession").AssertNoErrors();
        _cmdlets = AppDomain.CurrentDomain.GetAssemblies().Single(assembly => assembly.GetName().Name == "Helicone").GetExportedTypes().Where(type => type.GetCustomAttribute<CmdletAttribute>() is not null).ToArray();
    }

    public void Dispose() => _shell.Dispose();

    [Fact]
    public void Exports_AreTheCmdletsOfTheAssembly_AndTheirAliases()
    {
        Assert.Equal(_cmdlets.Select(Name).Order(StringComparer.Ordinal), _module.ExportedCmdlets.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(
            _cmdlets.SelectMany(type => type.GetCustomAttribute<AliasAttribute>()?.AliasNames ?? []).Order(StringComparer.Ordinal),
            _module.ExportedAliases.Keys.Order(StringComparer.Ordinal));
        Assert.Empty(_module.ExportedFunctions);
        Assert.Empty(_module.ExportedVariables);
    }

    [Fact]
    public void Cmdlets_AreSealed_NamedAsTheyAreTyped_WithApprovedVerbs()
    {
        Assert.NotEmpty(_cmdlets);
        Assert.All(_cmdlets, type =>
        {
            CmdletAttribute cmdlet = type.GetCustomAttribute<CmdletAttribute>()!;
            Assert.True(type.IsSealed, type.Name);
            Assert.Contains(cmdlet.VerbName, s_verbs);
            Assert.StartsWith("Helicone", cmdlet.NounName, StringComparison.Ordinal);
            Assert.Equal(cmdlet.VerbName + cmdlet.NounName + "Command", type.Name);
        });
    }

    [Fact]
    public void Cmdlets_SayWhatTheyGive()
    {
        Assert.All(_cmdlets, type => Assert.NotEmpty(type.GetCustomAttributes<OutputTypeAttribute>()));
    }

    [Fact]
    public void Parameters_OfOneName_AreOfOneType()
    {
        // -Session here and -Session there must not be two things; one here and several there is no other thing. These are: ids of whatever the
        // noun is, a call to show or what was asked in it, rate limits by name on a connection, the status of one call or a class of statuses, and
        // what may be a script block where a cmdlet makes a call for each input object, and a program to start or a command of PowerShell.
        string[] own = ["Command", "Id", "InputObject", "RateLimitPolicy", "Request", "Status", "Tool", "Prompt", "UserId", "SessionPath", "Property"];
        var parameters = _cmdlets
            .SelectMany(type => type.GetProperties().Where(property => property.IsDefined(typeof(ParameterAttribute))))
            .Where(property => !own.Contains(property.Name))
            .GroupBy(property => property.Name, property => Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType.GetElementType() ?? property.PropertyType);

        Assert.All(parameters, parameter => Assert.True(parameter.Distinct().Count() == 1, $"-{parameter.Key}: {string.Join(", ", parameter.Distinct())}"));
    }

    [Fact]
    public void Parameters_ThatMayBeLeftOut_RefuseAVariableThatIsNotSet()
    {
        // PowerShell turns -MaxCost $typo into null, and null is how a cmdlet sees a parameter that was left out: the ceiling would be gone without a word.
        IEnumerable<PropertyInfo> nullable = _cmdlets
            .SelectMany(type => type.GetProperties().Where(property => property.IsDefined(typeof(ParameterAttribute)) && Nullable.GetUnderlyingType(property.PropertyType) is not null));

        Assert.Contains(nullable, static property => property.Name == "MaxCost");
        Assert.Empty(nullable.Where(static property => !property.IsDefined(typeof(ValidateArgumentsAttribute))).Select(static property => $"{property.DeclaringType!.Name}.{property.Name}"));
    }

    [Theory]
    [InlineData("Helicone.Format.ps1xml", "TypeName")]
    [InlineData("Helicone.Types.ps1xml", "Name")]
    public void Views_AreOfTypesAndPropertiesThatExist(string file, string element)
    {
        XDocument document = XDocument.Load(Path.Combine(Repository.Module, file));
        IEnumerable<XElement> types = file.Contains("Types", StringComparison.Ordinal) ? document.Root!.Elements("Type").Elements(element) : document.Descendants(element);
        Assert.NotEmpty(types);
        Assert.All(types, name =>
        {
            // A copy has the properties of its original, and the address of a page is a Uri with a separate view.
            string typeName = name.Value.StartsWith("Deserialized.", StringComparison.Ordinal) ? name.Value["Deserialized.".Length..] : name.Value;
            Type? type = typeName == "Helicone.Dashboard.PageUri" ? typeof(Uri) : AppDomain.CurrentDomain.GetAssemblies()
                .Where(assembly => assembly.GetName().Name is "Helicone" or "Helicone.Core")
                .Select(assembly => assembly.GetType(typeName))
                .FirstOrDefault(found => found is not null);
            Assert.True(type is not null, name.Value);
            XElement owner = name.Ancestors().First(ancestor => ancestor.Name == "View" || ancestor.Name == "Type");
            IEnumerable<string> properties = owner.Descendants("PropertyName").Concat(owner.Descendants("ReferencedProperties").Elements("Name")).Concat(owner.Descendants("ReferencedMemberName")).Select(property => property.Value)
                .Concat(owner.Descendants().Where(script => script.Name == "ScriptBlock" || script.Name == "GetScriptBlock").SelectMany(script => PropertiesOf(script.Value)));
            Assert.True(properties.Any() || owner.Descendants("ScriptBlock").Any() || owner.Descendants("NoteProperty").Any(), typeName);
            string[] added = owner.Elements("Members").Elements().Elements("Name").Select(member => member.Value).ToArray();
            Assert.All(properties, property => Assert.True(type.GetProperty(property) is not null || added.Contains(property), $"{type}.{property}"));
        });
    }

    [Fact]
    public void HiddenProperties_HaveNoNameOfAParameter()
    {
        // The binder takes hidden properties from the pipeline too: an answer with a hidden Name would name what a command downstream makes.
        string[] hidden = XDocument.Load(Path.Combine(Repository.Module, "Helicone.Types.ps1xml")).Descendants()
            .Where(member => member.Attribute("IsHidden")?.Value == "true")
            .Select(member => member.Element("Name")!.Value)
            .Distinct()
            .ToArray();
        IEnumerable<string> parameters = _module.ExportedCmdlets.Values.SelectMany(cmdlet => cmdlet.Parameters.Values).SelectMany(parameter => parameter.Aliases.Append(parameter.Name));

        Assert.NotEmpty(hidden);
        Assert.Empty(hidden.Intersect(parameters, StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public void TagsOfCalls_AreCompleted_WhereverTheyAreParameters()
    {
        string[] completed = ["UserId", "Property", "PropertyName", "Session", "Model", "Fallback", "ExcludeProvider", "Provider", "Tool", "AllowTool", "DenyTool", "RateLimitPolicy"];
        PropertyInfo[] parameters = _cmdlets.SelectMany(type => type.GetProperties().Where(property => property.IsDefined(typeof(ParameterAttribute)) && completed.Contains(property.Name))).ToArray();

        // Connect-Helicone defines rate limits, Send-HeliconeLog names a tool that ran anywhere, and the others take names of something else.
        Assert.Equal(completed.Order(StringComparer.Ordinal), parameters.Select(property => property.Name).Distinct().Order(StringComparer.Ordinal));
        Assert.Empty(parameters
            .Where(property => !property.IsDefined(typeof(ArgumentCompleterAttribute)))
            .Select(property => $"{property.ReflectedType!.Name}.{property.Name}")
            .Except(["ConnectHeliconeCommand.RateLimitPolicy", "ConvertToHeliconeTextCommand.Property", "SendHeliconeLogCommand.Tool"]));
    }

    [Fact]
    public void Manifest_IsForBothEditions_AndNamesWhatIsThere()
    {
        Assert.Equal(new Version(5, 1), _module.PowerShellVersion);
        Assert.Equal(["Desktop", "Core"], _module.CompatiblePSEditions);
        Assert.Equal(Path.Combine(Repository.Bin, "Helicone.dll"), Path.GetFullPath(Path.Combine(_module.ModuleBase, _module.RootModule)));
        Assert.All(_module.ExportedFormatFiles, file => Assert.True(File.Exists(file), file));
    }

    [Fact]
    public void HiddenProperties_HaveNoTypeLiteral_AndNoParameterOfTheirName()
    {
        // Import-Module compiles these scripts before it loads the assembly, and looks for each type that they name in every assembly of the process.
        XElement[] scripts = [.. XDocument.Load(Path.Combine(Repository.Module, "Helicone.Types.ps1xml")).Descendants("ScriptProperty")];
        string[] parameters = [.. _cmdlets.SelectMany(type => type.GetProperties().Where(property => property.IsDefined(typeof(ParameterAttribute))).Select(property => property.Name))];

        Assert.NotEmpty(scripts);
        Assert.All(scripts, script => Assert.StartsWith("ConvertTo-HeliconeText $this", script.Element("GetScriptBlock")!.Value, StringComparison.Ordinal));
        Assert.All(scripts, script => Assert.DoesNotContain('[', script.Element("GetScriptBlock")!.Value));

        // The binder takes hidden properties from the pipeline too.
        Assert.Empty(scripts.Select(script => script.Element("Name")!.Value).Intersect(parameters, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>The properties that a script block of a view reads.</summary>
    private static IEnumerable<string> PropertiesOf(string script) =>
        script.StartsWith("ConvertTo-HeliconeText $this ", StringComparison.Ordinal) && !script.EndsWith(" -Footer", StringComparison.Ordinal)
            ? script["ConvertTo-HeliconeText $this ".Length..].Split(", ")
            : ScriptProperty().Matches(script).Select(match => match.Groups[1].Value);

    /// <summary>A property that a script block of a view reads.</summary>
    [GeneratedRegex(@"\$(?:_|this)\.(\w+)")]
    private static partial Regex ScriptProperty();

    private static string Name(Type type)
    {
        CmdletAttribute cmdlet = type.GetCustomAttribute<CmdletAttribute>()!;
        return cmdlet.VerbName + "-" + cmdlet.NounName;
    }
}
