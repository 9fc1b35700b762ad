using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Helicone.LocalGateway.Authentication;
using Helicone.LocalGateway.Hosting;

namespace Helicone.LocalGateway.Tests.Authentication;

public sealed class GatewayKeyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("helicone-key-").FullName;

    private string File => Path.Combine(_folder, "gateway.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Key_HasHeliconesShape() => Assert.Matches(@"^sk-helicone-[a-z0-9]{7}(-[a-z0-9]{7}){3}$", GatewayKey.Create().Text);

    [Fact]
    public void Key_DoesNotPrintItself()
    {
        GatewayKey key = GatewayKey.Create();

        Assert.Equal("sk-helicone-…" + key.Text[^4..], key.ToString());
    }

    [Fact]
    public void Key_StaysTheFolders()
    {
        string first = GatewayKeyFile.LoadOrCreate(_folder).Text;

        Assert.Equal(first, GatewayKeyFile.LoadOrCreate(_folder).Text);
    }

    [Fact]
    public void KeyFile_IsForItsOwnerOnly()
    {
        GatewayKeyFile.LoadOrCreate(_folder);
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        GatewayKeyFile.LoadOrCreate(_folder);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public async Task GatewaysThatStartTogether_AgreeOnOneKey()
    {
        string[] keys = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => GatewayKeyFile.LoadOrCreate(_folder).Text)));

        Assert.Single(keys.Distinct());
        Assert.Equal(["gateway.key"], Directory.GetFiles(_folder).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("")]
    [InlineData("sk-helicone-short")]
    [InlineData("sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd-eeeeeee")]
    public void DamagedFile_StopsTheStartAndSaysWhatToDo(string content)
    {
        System.IO.File.WriteAllText(File, content);

        GatewayStartException refusal = Assert.Throws<GatewayStartException>(() => GatewayKeyFile.LoadOrCreate(_folder));

        Assert.Contains("Delete the file", refusal.Message, StringComparison.Ordinal);
    }
}
