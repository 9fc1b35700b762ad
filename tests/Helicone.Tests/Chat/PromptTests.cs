using System.Management.Automation;
using Helicone.Tests.Hosting;
using Helicone.Tests.Servers;

namespace Helicone.Tests.Chat;

public sealed class PromptTests
{
    [Fact]
    public async Task Prompt_Answered_IsOneCompletionWhoseTextIsTheAnswer()
    {
        await using ChatServer server = await ChatServer.SayAsync("Rayleigh scattering.");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("$answer = Invoke-HeliconeChat 'Why is the sky blue?'; $answer; \"$answer\"")).AssertNoErrors();

        Assert.Equal("Helicone.Chat.ChatCompletion", result.Output[0].TypeNames[0]);
        Assert.Equal("Rayleigh scattering.", result.Output[1].BaseObject);
        Assert.Equal("Why is the sky blue?", Result.Property(result.Output[0], "Input"));
        Assert.Equal(["user: Why is the sky blue?"], Assert.Single(server.Chats).Messages);
    }

    [Fact]
    public async Task Strings_WithoutPrompt_AreOneCallEachInTheirOrder()
    {
        TaskCompletionSource last = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            // The first is answered after the last.
            if (exchange.Prompt == "a")
            {
                await last.Task;
            }

            await exchange.SayAsync("answer to " + exchange.Prompt);
            if (exchange.Prompt == "c")
            {
                last.SetResult();
            }
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("'a', 'b', 'c' | Invoke-HeliconeChat -System 'Translate to French' -ThrottleLimit 3")).AssertNoErrors();

        Assert.Equal(["answer to a", "answer to b", "answer to c"], result.Texts);
        Assert.Equal(["a", "b", "c"], result.Output.Select(item => Result.Property(item, "Input")));
        Assert.All(server.Chats, chat => Assert.Equal("system: Translate to French", chat.Messages[0]));
    }

    [Fact]
    public async Task PromptWithInput_IsOneCallAboutAllOfIt()
    {
        await using ChatServer server = await ChatServer.SayAsync("A full disk.");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("'line 1', '', 'line 3' | Invoke-HeliconeChat 'What went wrong?'")).AssertNoErrors();

        Assert.Equal("What went wrong?", result.Property("Input"));
        Assert.Equal(["user: What went wrong?\n\nline 1\n\nline 3"], Assert.Single(server.Chats).Messages);
    }

    [Fact]
    public async Task PromptWithInput_ForEach_IsOneCallForEachObject()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync("1, 2 | Invoke-HeliconeChat 'Double it' -ForEach -ThrottleLimit 1")).AssertNoErrors();

        Assert.Equal([1, 2], result.Output.Select(item => Result.Property(item, "Input")));
        Assert.Equal(["Double it\n\n1", "Double it\n\n2"], server.Chats.Select(chat => chat.Prompt));
    }

    [Theory]
    [InlineData("@()")]
    [InlineData("$null")]
    [InlineData("'', \"`n\", $null")]
    public async Task Prompt_ButNothingComesDownThePipeline_IsNotAskedAndSaysSo(string input)
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync($"{input} | Invoke-HeliconeChat 'What went wrong?'")).AssertNoErrors();

        Assert.Empty(result.Output);
        Assert.Single(result.Warnings);
        Assert.Empty(server.Chats);
    }

    [Fact]
    public async Task Objects_AreCompactJson()
    {
        await using ChatServer server = await ChatServer.SayAsync("ok");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync("[pscustomobject]@{ Name = 'web-3'; Load = 1.5 } | Invoke-HeliconeChat 'Is it well?'")).AssertNoErrors();

        Assert.Equal("Is it well?\n\n{\"Name\":\"web-3\",\"Load\":1.5}", Assert.Single(server.Chats).Prompt);
    }

    [Fact]
    public async Task Answer_AsInput_IsItsText()
    {
        await using ChatServer server = await ChatServer.SayAsync("Rayleigh scattering.");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync("Invoke-HeliconeChat 'Why?' | Invoke-HeliconeChat 'Shorter'")).AssertNoErrors();

        Assert.Equal("Shorter\n\nRayleigh scattering.", server.Chats[1].Prompt);
    }

    [Fact]
    public async Task Messages_ThenPrompt_AreTheConversation()
    {
        await using ChatServer server = await ChatServer.SayAsync("Rayleigh scattering.");
        using Shell shell = Shell.ConnectedTo(server.Uri);

        (await shell.RunAsync("$a = Invoke-HeliconeChat 'Why?'; Invoke-HeliconeChat 'And at night?' -System 'Be brief' -Message 'Why?', $a, @{ Role = 'user'; Content = 'Hm' }")).AssertNoErrors();

        Assert.Equal(["system: Be brief", "user: Why?", "assistant: Rayleigh scattering.", "user: Hm", "user: And at night?"], server.Chats[1].Messages);
    }

    [Fact]
    public async Task OneOfMany_Failing_IsOneErrorWithItsInput_AndTheOthersAreAnswered()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange =>
            exchange.Prompt == "b" ? exchange.FailAsync(404, "The model does not exist") : exchange.SayAsync("fine"));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("'a', 'b', 'c' | Invoke-HeliconeChat");

        Assert.Equal(["a", "c"], result.Output.Select(item => Result.Property(item, "Input")));
        Assert.Equal("HeliconeModelNotFound", result.ErrorId);
        Assert.Equal("b", result.Error.TargetObject);
        Assert.Equal(ErrorCategory.ObjectNotFound, result.Error.CategoryInfo.Category);
        Assert.False(result.Terminated);
    }

    [Fact]
    public async Task OnePrompt_Failing_IsGovernedByErrorAction()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.RespondAsync(401, "Invalid Helicone API key"));
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result silent = await shell.RunAsync("Invoke-HeliconeChat 'x' -ErrorAction SilentlyContinue; 'went on'");
        Result stop = await shell.RunAsync("Invoke-HeliconeChat 'x' -ErrorAction Stop; 'went on'");

        Assert.Equal(["went on"], silent.AssertNoErrors().Texts);
        Assert.Empty(stop.Output);
        Assert.True(stop.Terminated);
        Assert.Equal("HeliconeUnauthenticated", stop.ErrorId);
    }

    [Fact]
    public async Task ManyPrompts_AreInFlightAtOnce_UpToTheLimit()
    {
        const int Limit = 6;
        int now = 0;
        bool exceeded = false;
        TaskCompletionSource full = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ChatServer server = await ChatServer.StartAsync(async exchange =>
        {
            int running = Interlocked.Increment(ref now);
            exceeded |= running > Limit;
            if (running == Limit)
            {
                full.TrySetResult();
            }

            // Nobody is answered before as many as may are there.
            await full.Task;
            Interlocked.Decrement(ref now);
            await exchange.SayAsync("ok");
        });
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = (await shell.RunAsync($"1..60 | Invoke-HeliconeChat -ThrottleLimit {Limit}")).AssertNoErrors();

        Assert.Equal(Enumerable.Range(1, 60).Cast<object>(), result.Output.Select(item => Result.Property(item, "Input")));
        Assert.False(exceeded);
        Assert.Contains(result.Progress, record => record.RecordType == ProgressRecordType.Completed);
    }

    [Fact]
    public async Task ErrorBelow_EndsTheCallsInFlight()
    {
        await using ChatServer server = await ChatServer.StartAsync(exchange => exchange.Prompt == "1" ? exchange.SayAsync("first") : exchange.HangAsync());
        using Shell shell = Shell.ConnectedTo(server.Uri);

        Result result = await shell.RunAsync("1, 2 | Invoke-HeliconeChat -ThrottleLimit 2 | ForEach-Object { \"$_\"; throw 'enough' }");

        Assert.Equal(["first"], result.Texts);
        Assert.Equal("enough", result.Error.Exception.Message);
        await server.Chats.Single(c => c.Prompt == "2").Left.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
