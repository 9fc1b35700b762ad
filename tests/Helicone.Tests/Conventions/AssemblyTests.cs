using System.Collections.Immutable;
using System.Management.Automation;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Helicone.Tests.Hosting;

namespace Helicone.Tests.Conventions;

/// <summary>What keeps Import-Module working, and cheap, on both editions.</summary>
public sealed class AssemblyTests
{
    private static readonly string[] s_references = ["Helicone.Core", "System.Management.Automation", "System.Threading.Tasks.Extensions", "netstandard"];

    // The closures of the client: on PowerShell 7, System.Text.Json and the rest of the framework are the framework's.
    private static readonly string[] s_net8 = ["Helicone.Core.dll", "Polly.Core.dll", "System.Net.ServerSentEvents.dll", "System.Threading.RateLimiting.dll"];

    // What only some calls need is below that folder, where the first call doesn't load it.
    private static readonly string[] s_schemas = ["Humanizer.dll", "Json.More.dll", "JsonPointer.Net.dll", "JsonSchema.Net.dll"];
    private static readonly string[] s_tokens = ["Google.Protobuf.dll", "Microsoft.ML.Tokenizers.Data.O200kBase.dll", "Microsoft.ML.Tokenizers.dll"];

    private static readonly string[] s_prompts = ["Fluid.dll", "Microsoft.Extensions.FileProviders.Abstractions.dll", "Microsoft.Extensions.Primitives.dll", "Parlot.dll", "TimeZoneConverter.dll", "YamlDotNet.dll"];

    // The MCP client has a separate load context, with a newer System.Text.Json than .NET 8 has, and the parts of the framework that are bound to it.
    private static readonly string[] s_mcp =
    [
        "Helicone.Mcp.dll", "Microsoft.Extensions.AI.Abstractions.dll", "Microsoft.Extensions.DependencyInjection.Abstractions.dll",
        "Microsoft.Extensions.Logging.Abstractions.dll", "ModelContextProtocol.Core.dll", "System.Diagnostics.DiagnosticSource.dll", "System.IO.Pipelines.dll",
        "System.Net.Http.Json.dll", "System.Net.ServerSentEvents.dll", "System.Text.Encodings.Web.dll", "System.Text.Json.dll",
    ];

    // Windows PowerShell has one context, in which the client has brought the rest.
    private static readonly string[] s_mcpStandard =
    [
        "Helicone.Mcp.dll", "Microsoft.Extensions.AI.Abstractions.dll", "Microsoft.Extensions.DependencyInjection.Abstractions.dll",
        "Microsoft.Extensions.Logging.Abstractions.dll", "ModelContextProtocol.Core.dll", "System.Diagnostics.DiagnosticSource.dll", "System.Threading.Channels.dll",
    ];

    // Windows PowerShell loads an assembly when it is needed, so there they are all in one folder.
    private static readonly string[] s_netstandard =
    [
        "Fluid.dll", "Google.Protobuf.dll", "Helicone.Core.dll", "Helicone.Offline.dll", "Humanizer.dll", "Json.More.dll", "JsonPointer.Net.dll", "JsonSchema.Net.dll",
        "Microsoft.Bcl.AsyncInterfaces.dll", "Microsoft.Bcl.HashCode.dll", "Microsoft.Bcl.Memory.dll", "Microsoft.Bcl.TimeProvider.dll",
        "Microsoft.CSharp.dll", "Microsoft.Extensions.FileProviders.Abstractions.dll", "Microsoft.Extensions.Primitives.dll",
        "Microsoft.ML.Tokenizers.Data.O200kBase.dll", "Microsoft.ML.Tokenizers.dll", "Parlot.dll", "Polly.Core.dll", "System.Buffers.dll",
        "System.Collections.Immutable.dll", "System.ComponentModel.Annotations.dll", "System.IO.Pipelines.dll", "System.Memory.dll",
        "System.Net.ServerSentEvents.dll", "System.Numerics.Vectors.dll", "System.Reflection.Emit.ILGeneration.dll",
        "System.Reflection.Emit.Lightweight.dll", "System.Runtime.CompilerServices.Unsafe.dll", "System.Text.Encodings.Web.dll",
        "System.Text.Json.dll", "System.Threading.RateLimiting.dll", "System.Threading.Tasks.Extensions.dll", "TimeZoneConverter.dll",
        "YamlDotNet.dll",
    ];

    [Fact]
    public void Cmdlets_ReferenceNothingButTheEngineAndTheClient()
    {
        using PEReader file = new(File.OpenRead(Path.Combine(Repository.Bin, "Helicone.dll")));
        MetadataReader metadata = file.GetMetadataReader();

        string[] references = metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name)).ToArray();

        Assert.Contains("Helicone.Core", references);
        Assert.Empty(references.Except(s_references));
    }

    [Fact]
    public void Bin_HoldsWhatTheModuleNeedsAndNothingElse()
    {
        Assert.Equal(["Helicone.dll"], Names(Repository.Bin));
        Assert.Equal(["gateway", "net8.0", "netstandard2.0"], Directory.GetDirectories(Repository.Bin).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(s_net8, Names(Path.Combine(Repository.Bin, "net8.0")));
        Assert.Equal(["mcp", "offline", "prompts", "schemas", "tokens"], Directory.GetDirectories(Path.Combine(Repository.Bin, "net8.0")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(s_schemas, Names(Path.Combine(Repository.Bin, "net8.0", "schemas")));
        Assert.Equal(["Helicone.Offline.dll"], Names(Path.Combine(Repository.Bin, "net8.0", "offline")));
        Assert.Equal(s_prompts, Names(Path.Combine(Repository.Bin, "net8.0", "prompts")));
        Assert.Equal(s_tokens, Names(Path.Combine(Repository.Bin, "net8.0", "tokens")));
        Assert.Equal(s_mcp, Names(Path.Combine(Repository.Bin, "net8.0", "mcp")));
        Assert.Equal(s_netstandard, Names(Path.Combine(Repository.Bin, "netstandard2.0")));
        Assert.Equal(s_mcpStandard, Names(Path.Combine(Repository.Bin, "netstandard2.0", "mcp")));
        Assert.DoesNotContain("System.Management.Automation.dll", Directory.GetFiles(Repository.Bin, "*", SearchOption.AllDirectories).Select(Path.GetFileName));
    }

    [Fact]
    public void Types_LoadWithoutTheClient()
    {
        // Import-Module loads every type before the resolver is hooked. Bases, interfaces and fields of value types load with their type; in an
        // async method the awaiters are such fields. Whatever of these is not the framework's breaks the import.
        using PEReader file = new(File.OpenRead(Path.Combine(Repository.Bin, "Helicone.dll")));
        MetadataReader metadata = file.GetMetadataReader();
        ForeignTypes foreign = new();
        List<string> broken = [];
        foreach (TypeDefinition type in metadata.TypeDefinitions.Select(metadata.GetTypeDefinition))
        {
            string name = metadata.GetString(type.Name);
            IEnumerable<EntityHandle> shape = type.GetInterfaceImplementations().Select(handle => metadata.GetInterfaceImplementation(handle).Interface).Append(type.BaseType);
            broken.AddRange(shape.Where(handle => !handle.IsNil && foreign.Of(metadata, handle).Any()).Select(handle => $"{name}: base or interface {string.Join(", ", foreign.Of(metadata, handle))}"));
            foreach (FieldDefinition field in type.GetFields().Select(metadata.GetFieldDefinition))
            {
                FieldType signature = field.DecodeSignature(foreign, null);
                if (signature.IsValueType && signature.Foreign.Length > 0)
                {
                    broken.Add($"{name}.{metadata.GetString(field.Name)}: {string.Join(", ", signature.Foreign)}");
                }
            }
        }

        Assert.Empty(broken);
    }

    [Fact]
    public void Attributes_OfPublicTypes_NameNoTypeOfTheClient()
    {
        using Shell shell = new();
        Assembly assembly = AppDomain.CurrentDomain.GetAssemblies().Single(candidate => candidate.GetName().Name == "Helicone");

        // Only [OutputType] may: the engine reads it when somebody asks for the output, not at import.
        Assert.All(assembly.GetExportedTypes(), type =>
        {
            IEnumerable<CustomAttributeData> attributes = type.GetCustomAttributesData()
                .Concat(type.GetProperties().SelectMany(property => property.GetCustomAttributesData()))
                .Where(attribute => attribute.AttributeType != typeof(OutputTypeAttribute));
            Assert.DoesNotContain(attributes.SelectMany(attribute => attribute.ConstructorArguments), argument => argument.Value is Type named && named.Assembly.GetName().Name == "Helicone.Core");
        });
    }

    [Theory]
    [InlineData("net8.0")]
    [InlineData("netstandard2.0")]
    public void Mcp_FindsEverythingThatItNeeds(string target)
    {
        // Every assembly that one of the folder refers to is in the folder, is the client's, or is the framework's, in a version that is not older.
        string client = Path.Combine(Repository.Bin, target);
        Dictionary<string, Version> shipped = new(StringComparer.Ordinal);
        foreach (string file in Directory.GetFiles(client, "*.dll").Concat(Directory.GetFiles(Path.Combine(client, "mcp"), "*.dll")))
        {
            // The folder of the client comes last, and wins.
            shipped[Path.GetFileNameWithoutExtension(file)] = AssemblyName.GetAssemblyName(file).Version!;
        }

        foreach (string file in Directory.GetFiles(Path.Combine(client, "mcp"), "*.dll"))
        {
            using PEReader reader = new(File.OpenRead(file));
            MetadataReader metadata = reader.GetMetadataReader();
            string[] missing = [.. metadata.AssemblyReferences.Select(metadata.GetAssemblyReference)
                .Select(reference => (Name: metadata.GetString(reference.Name), reference.Version))
                .Where(needed => shipped.TryGetValue(needed.Name, out Version? version) ? version < needed.Version : needed.Name != "netstandard" && (target == "netstandard2.0" || !IsInNet8(needed.Name, needed.Version)))
                .Select(needed => $"{needed.Name} {needed.Version}")];
            Assert.True(missing.Length == 0, $"{Path.GetFileName(file)} needs {string.Join(", ", missing)}");
        }

        // The tests run on a newer framework, which has more, and newer, assemblies.
        static bool IsInNet8(string name, Version version) => version.Major <= 8 && File.Exists(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, name + ".dll"));
    }

    [Theory]
    [InlineData("net8.0", "offline")]
    [InlineData("netstandard2.0", "")]
    public void Offline_FindsEverythingThatItNeeds(string target, string folder)
    {
        // The client has what it needs: next to it, or in the folder of schemas, which is loaded before a sample is made.
        string client = Path.Combine(Repository.Bin, target);
        string[] shipped = [.. Names(client), .. Directory.Exists(Path.Combine(client, "schemas")) ? Names(Path.Combine(client, "schemas")) : []];
        using PEReader file = new(File.OpenRead(Path.Combine(client, folder, "Helicone.Offline.dll")));
        MetadataReader metadata = file.GetMetadataReader();
        IEnumerable<string> needed = metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name));
        string[] missing = needed.Where(name => name != "netstandard" && !shipped.Contains(name + ".dll") && (target == "netstandard2.0" || !File.Exists(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, name + ".dll")))).ToArray();

        Assert.Empty(missing);
    }

    private static IEnumerable<string> Names(string folder) => Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    private sealed record FieldType(bool IsValueType, ImmutableArray<string> Foreign);

    /// <summary>Finds the types in a signature that come from somewhere else than the framework, the engine or the assembly itself.</summary>
    private sealed class ForeignTypes : ISignatureTypeProvider<FieldType, object?>
    {
        private static readonly FieldType s_own = new(false, []);
        private static readonly FieldType s_ownValue = new(true, []);

        public ImmutableArray<string> Of(MetadataReader metadata, EntityHandle handle) => handle.Kind switch
        {
            HandleKind.TypeReference => GetTypeFromReference(metadata, (TypeReferenceHandle)handle, 0).Foreign,
            HandleKind.TypeSpecification => metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null).Foreign,
            _ => [],
        };

        public FieldType GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            TypeReference type = reader.GetTypeReference(handle);
            while (type.ResolutionScope.Kind == HandleKind.TypeReference)
            {
                type = reader.GetTypeReference((TypeReferenceHandle)type.ResolutionScope);
            }

            string assembly = reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name);
            ImmutableArray<string> foreign = assembly is "netstandard" or "System.Management.Automation" ? [] : [assembly + ": " + reader.GetString(reader.GetTypeReference(handle).Name)];
            return new FieldType(rawTypeKind == (byte)SignatureTypeKind.ValueType, foreign);
        }

        public FieldType GetGenericInstantiation(FieldType genericType, ImmutableArray<FieldType> typeArguments) =>
            new(genericType.IsValueType, [.. genericType.Foreign, .. typeArguments.SelectMany(argument => argument.Foreign)]);

        public FieldType GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
            rawTypeKind == (byte)SignatureTypeKind.ValueType ? s_ownValue : s_own;

        public FieldType GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public FieldType GetPrimitiveType(PrimitiveTypeCode typeCode) => s_own;

        public FieldType GetArrayType(FieldType elementType, ArrayShape shape) => s_own;

        public FieldType GetSZArrayType(FieldType elementType) => s_own;

        public FieldType GetByReferenceType(FieldType elementType) => s_own;

        public FieldType GetPointerType(FieldType elementType) => s_own;

        public FieldType GetPinnedType(FieldType elementType) => elementType;

        public FieldType GetModifiedType(FieldType modifier, FieldType unmodifiedType, bool isRequired) => unmodifiedType;

        public FieldType GetFunctionPointerType(MethodSignature<FieldType> signature) => s_own;

        public FieldType GetGenericMethodParameter(object? genericContext, int index) => s_own;

        public FieldType GetGenericTypeParameter(object? genericContext, int index) => s_own;
    }
}
