using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Helicone.Tests.Hosting;

namespace Helicone.Tests.Conventions;

/// <summary>Get-Help describes the cmdlets as they are.</summary>
public sealed class HelpTests : IDisposable
{
    private static readonly XNamespace s_maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace s_command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace s_dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    private readonly Shell _shell = new();
    private readonly Dictionary<string, CmdletInfo> _cmdlets;
    private readonly Dictionary<string, XElement> _help;

    public HelpTests()
    {
        // A value of the client's makes it load: the types of some parameters are its own.
        _shell.Run("New-HeliconeSession").AssertNoErrors();
        _cmdlets = _shell.Run("Get-Command -Module Helicone -CommandType Cmdlet").Output.Select(item => (CmdletInfo)item.BaseObject).ToDictionary(cmdlet => cmdlet.Name);
        _help = XDocument.Load(HelpFile).Root!.Elements(s_command + "command").ToDictionary(command => command.Element(s_command + "details")!.Element(s_command + "name")!.Value);
    }

    private static string HelpFile => Path.Combine(Repository.Module, "en-US", "Helicone.dll-Help.xml");

    private static string Docs => Path.Combine(Repository.Root, "docs", "en-US");

    public void Dispose() => _shell.Dispose();

    [Fact]
    public void EveryCmdlet_HasItsPage_AndEveryPageItsCmdlet()
    {
        Assert.NotEmpty(_cmdlets);
        Assert.Equal(_cmdlets.Keys.Order(StringComparer.Ordinal), Directory.GetFiles(Docs, "*.md").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal));
        Assert.Equal(_cmdlets.Keys.Order(StringComparer.Ordinal), _help.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void GetHelp_FindsThePage_OfEveryCmdlet()
    {
        Assert.All(_cmdlets.Keys, name =>
        {
            Result help = _shell.Run($"Get-Help {name}").AssertNoErrors();

            // Without a page the engine makes one of the syntax alone.
            Assert.Equal(_help[name].Element(s_command + "details")!.Element(s_maml + "description")!.Value.Trim(), ((string)help.Property("Synopsis")!).Trim());
        });
    }

    [Fact]
    public void EveryParameter_IsDescribed_AsItIs()
    {
        Assert.All(_cmdlets.Values, cmdlet => Assert.Equal(
            cmdlet.ParameterSets.SelectMany(Own).Select(Describe).Distinct().Order(StringComparer.Ordinal),
            _help[cmdlet.Name].Element(s_command + "parameters")!.Elements(s_command + "parameter").Select(Describe).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void EveryParameterSet_IsALineOfSyntax_InTheOrderOfTheEngine()
    {
        Assert.All(_cmdlets.Values, cmdlet => Assert.Equal(
            cmdlet.ParameterSets.Select(set => cmdlet.Name + " " + string.Join(' ', InOrder(set).Select(parameter => parameter.Name))).Order(StringComparer.Ordinal),
            _help[cmdlet.Name].Element(s_command + "syntax")!.Elements(s_command + "syntaxItem")
                .Select(line => line.Element(s_maml + "name")!.Value + " " + string.Join(' ', line.Elements(s_command + "parameter").Select(Name)))
                .Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void EverySetOfValues_IsTheOneThatIsTaken()
    {
        foreach (CmdletInfo cmdlet in _cmdlets.Values)
        {
            IEnumerable<string> taken = cmdlet.Parameters.Values
                .SelectMany(parameter => parameter.Attributes.OfType<ValidateSetAttribute>().Select(set => parameter.Name + ": " + string.Join(", ", set.ValidValues)));
            IEnumerable<string> described = _help[cmdlet.Name].Descendants(s_command + "parameterValueGroup")
                .Select(values => Name(values.Parent!) + ": " + string.Join(", ", values.Elements().Select(value => value.Value)))
                .Distinct();

            Assert.Equal(taken.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void EveryOutput_IsDescribed()
    {
        Assert.All(_cmdlets.Values, cmdlet => Assert.Equal(
            cmdlet.OutputType.Select(type => type.Name == "System.Void" ? "None" : type.Name).Order(StringComparer.Ordinal),
            _help[cmdlet.Name].Element(s_command + "returnValues")!.Descendants(s_dev + "type").Select(type => type.Value).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void EveryCmdlet_HasTwoExamples_ThatCallIt_AndParse()
    {
        Assert.All(_help, page =>
        {
            XElement[] examples = page.Value.Element(s_command + "examples")!.Elements(s_command + "example").ToArray();
            Assert.True(examples.Length >= 2, page.Key);
            Assert.All(examples, example =>
            {
                string code = example.Element(s_dev + "code")!.Value;
                Ast script = Parser.ParseInput(code, out _, out ParseError[] errors);
                Assert.True(errors.Length == 0, code);
                Assert.Contains(page.Key, script.FindAll(ast => ast is CommandAst, true).Select(ast => ((CommandAst)ast).GetCommandName()));
                Assert.NotEmpty(example.Element(s_dev + "remarks")!.Value);
            });
        });
    }

    [Fact]
    public void EveryRelatedLink_LeadsSomewhere()
    {
        string[] topics = Topics().Select(topic => topic.Name).ToArray();
        Assert.All(_help, page => Assert.All(
            page.Value.Descendants(s_maml + "linkText").Skip(1).Select(link => link.Value),
            link => Assert.True(_cmdlets.ContainsKey(link) || topics.Contains(link), $"{page.Key}: {link}")));
    }

    [Fact]
    public void EveryCmdlet_HasAnOnlinePage_AtTheAddressOfTheProject()
    {
        string project = $"{_shell.Run($"(Get-Module Helicone).PrivateData.PSData.ProjectUri").AssertNoErrors().Single}";

        Assert.All(_cmdlets.Keys, name =>
        {
            // What Get-Help -Online opens.
            string address = $"{_shell.Run($"(Get-Command {name}).HelpUri").AssertNoErrors().Single}";
            Assert.Equal($"{project}/blob/main/docs/en-US/{name}.md", address);
        });
    }

    [Fact]
    public void EveryTopic_BeginsWithItsName_AndFitsOnTheScreen()
    {
        (string Name, string[] Lines)[] topics = Topics();
        Assert.Equal(["about_Helicone", "about_Helicone_CI", "about_Helicone_LocalGateway", "about_Helicone_Mcp", "about_Helicone_Offline", "about_Helicone_Prompts", "about_Helicone_Shapes", "about_Helicone_Tools"], topics.Select(topic => topic.Name));
        Assert.All(topics, topic =>
        {
            Assert.Equal(["TOPIC", "    " + topic.Name, string.Empty, "SHORT DESCRIPTION"], topic.Lines.Take(4));
            Assert.All(topic.Lines, line => Assert.True(line.Length <= 80, line));
        });
    }

    [Fact]
    public void EveryErrorId_IsInTheTopic()
    {
        string topic = MainTopic();
        Assert.All(Names("Helicone.Core", "Helicone.Errors.HeliconeErrorKind"), kind => Assert.Contains(RowOf("Helicone" + kind), topic, StringComparison.Ordinal));

        // The ids for invalid input share a row, except for the one that a cmdlet reports for an object of its input.
        string row = topic[topic.IndexOf("HeliconeInvalid...", StringComparison.Ordinal)..topic.IndexOf("Errors about something", StringComparison.Ordinal)];
        Assert.All(Names("Helicone", "Helicone.Errors.InvalidInput"), input => Assert.True(
            row.Contains(" " + input + ",", StringComparison.Ordinal) || row.Contains(" " + input + ":", StringComparison.Ordinal) || topic.Contains(RowOf("HeliconeInvalid" + input), StringComparison.Ordinal), input));
    }

    [Fact]
    public void EveryErrorId_OfTheSources_IsInTheTopic()
    {
        // Those that no enumeration has are spelt where they are made, and nowhere else.
        string topic = MainTopic();
        string[] ids = Directory.GetFiles(Path.Combine(Repository.Root, "src", "Helicone"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(path => IdsIn(File.ReadAllText(path)))
            .Distinct()
            .ToArray();

        Assert.Contains("HeliconeNotConnected", ids);
        Assert.Contains("HeliconeModelNotFound", ids);
        Assert.All(ids, id => Assert.Contains(RowOf(id), topic, StringComparison.Ordinal));
    }

    private static string RowOf(string id) => "\n    " + id + " ";

    private static IEnumerable<string> IdsIn(string source) =>
        Regex.Matches(source, @"Prefix \+ ""(\w+)"",").Select(match => "Helicone" + match.Groups[1].Value)
            .Concat(Regex.Matches(source, @"ErrorRecords\.(NotFound|Unreadable)\(\s*""(\w+)""").Select(match => "Helicone" + match.Groups[2].Value + match.Groups[1].Value));

    private static string MainTopic() => string.Join('\n', Topics().Single(topic => topic.Name == "about_Helicone").Lines);

    private static (string Name, string[] Lines)[] Topics() => Directory.GetFiles(Path.Combine(Repository.Module, "en-US"), "about_*.help.txt")
        .Order(StringComparer.Ordinal)
        .Select(path => (Path.GetFileName(path)[..^".help.txt".Length], File.ReadAllLines(path)))
        .ToArray();

    private static string[] Names(string assembly, string type) =>
        Enum.GetNames(AppDomain.CurrentDomain.GetAssemblies().Select(loaded => loaded.GetName().Name == assembly ? loaded.GetType(type) : null).First(found => found is not null)!);

    private static IEnumerable<CommandParameterInfo> Own(CommandParameterSetInfo set) => set.Parameters.Where(parameter => !Cmdlet.CommonParameters.Contains(parameter.Name));

    // What has a place on the line comes first, in the order of the places, as in Get-Command -Syntax; the engine keeps what a base declares behind.
    private static IEnumerable<CommandParameterInfo> InOrder(CommandParameterSetInfo set) => Own(set).OrderBy(parameter => parameter.Position < 0 ? int.MaxValue : parameter.Position);

    private static string Describe(CommandParameterInfo parameter)
    {
        Type type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        string pipeline = (parameter.ValueFromPipeline, parameter.ValueFromPipelineByPropertyName) switch
        {
            (true, true) => "True (ByPropertyName, ByValue)",
            (true, false) => "True (ByValue)",
            (false, true) => "True (ByPropertyName)",
            _ => "False",
        };
        string position = parameter.Position < 0 ? "named" : $"{parameter.Position}";
        return Describe(
            parameter.Name,
            type.Name,
            parameter.IsMandatory,
            position,
            pipeline,
            parameter.Attributes.Any(attribute => attribute is SupportsWildcardsAttribute),
            parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases));
    }

    private static string Describe(XElement parameter) => Describe(
        Name(parameter),
        parameter.Element(s_dev + "type")!.Element(s_maml + "name")!.Value,
        bool.Parse(parameter.Attribute("required")!.Value),
        parameter.Attribute("position")!.Value,
        parameter.Attribute("pipelineInput")!.Value,
        bool.Parse(parameter.Attribute("globbing")!.Value),
        parameter.Attribute("aliases")!.Value);

    private static string Describe(string name, string type, bool isRequired, string position, string pipeline, bool takesWildcards, string aliases) =>
        $"-{name} <{type}>, required: {isRequired}, position: {position}, pipeline: {pipeline}, wildcards: {takesWildcards}, aliases: {aliases}";

    private static string Name(XElement parameter) => parameter.Element(s_maml + "name")!.Value;
}
