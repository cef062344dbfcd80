using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Fetcher.Tests.Testing;

/// <summary>A page in headless Chromium, driven over its DevTools protocol: evaluates expressions, presses keys, pinches, and keeps what went to the console.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private int _id;
    private string _session = "";

    private Chromium(Process process, string profile) => (_process, _profile) = (process, profile);

    /// <summary>Errors of the page: exceptions, and what the console and the policy reported.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>The browser's path, or null where there is none.</summary>
    public static string? Path => Names
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => System.IO.Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>Opens a page.</summary>
    public static async Task<Chromium> OpenAsync(string file)
    {
        var profile = Directory.CreateTempSubdirectory("fetcher-chromium-").FullName;
        var process = Process.Start(new ProcessStartInfo(
            Path!, ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", $"--user-data-dir={profile}", "--remote-debugging-port=0", "--window-size=1280,900", "about:blank"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var page = new Chromium(process, profile);
        const string Listening = "DevTools listening on ";
        string? line;
        do
        {
            line = await process.StandardError.ReadLineAsync();
        }
        while (line is not null && !line.StartsWith(Listening, StringComparison.Ordinal));
        _ = process.StandardError.ReadToEndAsync();
        await page._socket.ConnectAsync(new Uri(line![Listening.Length..]), CancellationToken.None);
        await page.BeginAsync(file);
        return page;
    }

    /// <summary>The value of an expression in the page, as JSON.</summary>
    public async Task<JsonElement> EvaluateAsync(string expression)
    {
        var answer = await CallAsync("Runtime.evaluate", $"{{\"expression\":{Quote(expression)},\"returnByValue\":true}}");
        answer.TryGetProperty("exceptionDetails", out var exception).ShouldBeFalse(exception.ToString());
        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    /// <summary>Presses a key that has a character.</summary>
    public async Task PressAsync(char key)
    {
        await CallAsync("Input.dispatchKeyEvent", $"{{\"type\":\"keyDown\",\"key\":{Quote(key.ToString())},\"text\":{Quote(key.ToString())}}}");
        await CallAsync("Input.dispatchKeyEvent", $"{{\"type\":\"keyUp\",\"key\":{Quote(key.ToString())}}}");
    }

    /// <summary>Puts two fingers on the page, side by side, and moves them apart or together.</summary>
    /// <param name="x">The middle between them, in pixels of the window.</param>
    /// <param name="y">Their height in it.</param>
    /// <param name="apart">The distances between them: where they are put down, then where each move ends. A move by less than 15 pixels is taken for none.</param>
    public async Task PinchAsync(double x, double y, params IReadOnlyList<double> apart)
    {
        foreach (var (step, distance) in apart.Index())
        {
            var fingers = string.Create(CultureInfo.InvariantCulture, $"{{\"id\":0,\"x\":{x - (distance / 2)},\"y\":{y}}},{{\"id\":1,\"x\":{x + (distance / 2)},\"y\":{y}}}");
            await CallAsync("Input.dispatchTouchEvent", $"{{\"type\":\"{(step == 0 ? "touchStart" : "touchMove")}\",\"touchPoints\":[{fingers}]}}");
        }

        await CallAsync("Input.dispatchTouchEvent", "{\"type\":\"touchEnd\",\"touchPoints\":[]}");
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_profile, recursive: true);
    }

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private async Task BeginAsync(string file)
    {
        var target = (await CallAsync("Target.createTarget", "{\"url\":\"about:blank\"}")).GetProperty("targetId").GetString()!;
        _session = (await CallAsync("Target.attachToTarget", $"{{\"targetId\":\"{target}\",\"flatten\":true}}")).GetProperty("sessionId").GetString()!;
        await CallAsync("Runtime.enable", "{}");
        await CallAsync("Log.enable", "{}");
        await CallAsync("Page.enable", "{}");
        await CallAsync("Emulation.setTouchEmulationEnabled", "{\"enabled\":true,\"maxTouchPoints\":2}");
        await CallAsync("Page.navigate", $"{{\"url\":{Quote("file://" + file)}}}", until: "Page.loadEventFired");
    }

    /// <summary>Calls a method, and waits for its answer, and for an event if one is named.</summary>
    private async Task<JsonElement> CallAsync(string method, string parameters, string? until = null)
    {
        var id = ++_id;
        var session = _session.Length > 0 ? $",\"sessionId\":\"{_session}\"" : "";
        var message = $"{{\"id\":{id},\"method\":\"{method}\",\"params\":{parameters}{session}}}";
        await _socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        JsonElement? answer = null;
        while (answer is null || until is not null)
        {
            var root = await ReceiveAsync();
            if (root.TryGetProperty("id", out var answered) && answered.GetInt32() == id)
            {
                root.TryGetProperty("error", out var error).ShouldBeFalse(error.ToString());
                answer = root.GetProperty("result");
            }
            else if (root.TryGetProperty("method", out var happened))
            {
                Note(happened.GetString()!, root.GetProperty("params"));
                until = happened.GetString() == until ? null : until;
            }
        }

        return answer.Value;
    }

    private void Note(string happened, JsonElement what)
    {
        if (happened == "Runtime.exceptionThrown"
            || (happened == "Runtime.consoleAPICalled" && what.GetProperty("type").GetString() is "error" or "warning")
            || (happened == "Log.entryAdded" && what.GetProperty("entry").GetProperty("level").GetString() == "error"))
        {
            Problems.Add(what.ToString());
        }
    }

    private async Task<JsonElement> ReceiveAsync()
    {
        using var message = new MemoryStream();
        var buffer = new byte[1 << 16];
        WebSocketReceiveResult received;
        do
        {
            received = await _socket.ReceiveAsync(buffer, CancellationToken.None);
            message.Write(buffer, 0, received.Count);
        }
        while (!received.EndOfMessage);
        using var json = JsonDocument.Parse(message.ToArray());
        return json.RootElement.Clone();
    }
}
