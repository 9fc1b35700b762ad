using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Net.Http;
using System.Threading.Tasks;
using Helicone.LocalGateway.Tests.Hosting;
using Microsoft.Playwright;

namespace Helicone.LocalGateway.Tests.Page;

/// <summary>The page as a person meets it, in a real browser.</summary>
public sealed class BrowserTests
{
    [ChromiumFact]
    public async Task Page_InChromium_IsAliveFiltersAndStaysAtHome()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = ChromiumFactAttribute.Path,
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        IPage page = await browser.NewPageAsync(new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = 1360, Height = 850 }, ColorScheme = ColorScheme.Light });
        ConcurrentQueue<string> elsewhere = new();
        ConcurrentQueue<string> complaints = new();
        page.Request += (_, request) =>
        {
            if (!new Uri(request.Url).IsLoopback)
            {
                elsewhere.Enqueue(request.Url);
            }
        };
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                complaints.Enqueue(message.Text);
            }
        };
        page.PageError += (_, error) => complaints.Enqueue(error);

        await page.GotoAsync($"{gateway.Uri}?token={await PageClient.TokenAsync(gateway)}");
        Assert.Equal(gateway.Uri.ToString(), page.Url);
        await Assertions.Expect(page.Locator("#empty")).ToBeVisibleAsync();

        // Rows appear by themselves.
        await ChatAsync(gateway, "gpt-4o-mini", "First <b>prompt</b>", "/trip");
        await Assertions.Expect(page.Locator("#rows > tr")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("#rows > tr").First).ToContainTextAsync("First <b>prompt</b>");
        await ChatAsync(gateway, "claude-4.5-sonnet", "Second prompt", "/trip/flights");
        await ChatAsync(gateway, "gpt-4o", "Third prompt", "/trip/hotels");
        await Assertions.Expect(page.Locator("#rows > tr")).ToHaveCountAsync(3);
        await Assertions.Expect(page.Locator("#rows > tr").First).ToContainTextAsync("Third prompt");
        await ShowAsync(page, "requests");

        // The form filters, from the keyboard.
        await page.GetByLabel("Model").FillAsync("gpt-4o");
        await page.GetByLabel("Model").PressAsync("Enter");
        await Assertions.Expect(page.Locator("#rows > tr")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("#rows > tr")).ToContainTextAsync("Third prompt");

        // A row opens the conversation.
        await page.Locator("#rows > tr a").First.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("article.message")).ToHaveCountAsync(2);
        await Assertions.Expect(page.Locator("article.message.user")).ToContainTextAsync("Third prompt");
        await ShowAsync(page, "request");

        // The session is a waterfall.
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Sessions" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Planning" }).ClickAsync();
        Assert.Equal(["/trip", "/trip/flights", "/trip/hotels"], await page.Locator("tr.step").EvaluateAllAsync<string[]>("rows => rows.map(r => r.dataset.path)"));
        Assert.Equal(6, await page.Locator("svg.bar").CountAsync());
        await ShowAsync(page, "session");

        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Usage" }).ClickAsync();
        await Assertions.Expect(page.Locator("svg.chart")).ToHaveCountAsync(2);
        await ShowAsync(page, "usage");

        // Dark is dark, light is light.
        const string Background = "() => getComputedStyle(document.body).backgroundColor";
        string light = await page.EvaluateAsync<string>(Background);
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        string dark = await page.EvaluateAsync<string>(Background);
        Assert.Equal("rgb(246, 247, 249)", light);
        Assert.Equal("rgb(17, 21, 27)", dark);
        await ShowAsync(page, "usage-dark");

        Assert.Empty(elsewhere);
        Assert.Empty(complaints);
    }

    [ChromiumFact]
    public async Task SignInForm_InChromium_TakesTheKey()
    {
        await using TestGateway gateway = await TestGateway.StartAsync();
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = ChromiumFactAttribute.Path, Headless = true, Args = ["--no-sandbox", "--disable-gpu"] });
        IPage page = await browser.NewPageAsync();

        await page.GotoAsync(gateway.Uri.ToString());
        await page.GetByLabel("Or enter the gateway's key").FillAsync(gateway.Key);
        await page.GetByLabel("Or enter the gateway's key").PressAsync("Enter");

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Requests", Level = 1 })).ToBeVisibleAsync();
        Assert.Equal(gateway.Uri.ToString(), page.Url);
    }

    private static async Task ChatAsync(TestGateway gateway, string model, string prompt, string path)
    {
        using HttpResponseMessage answer = await gateway.ChatAsync(model, prompt, headers: new Dictionary<string, string>
        {
            ["Helicone-Session-Id"] = "s1",
            ["Helicone-Session-Name"] = "Planning",
            ["Helicone-Session-Path"] = path,
        });
        Assert.Equal(200, (int)answer.StatusCode);
        await answer.TextAsync();
    }

    /// <summary>For people: with HELICONE_SCREENSHOTS set to a folder, what the browser shows goes there.</summary>
    private static async Task ShowAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("HELICONE_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png"), FullPage = true });
        }
    }
}
