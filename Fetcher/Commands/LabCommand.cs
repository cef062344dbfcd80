using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Fetcher.Core.Modes;
using Fetcher.Lab;

namespace Fetcher.Commands;

/// <summary><c>fetcher lab</c>: runs the embedded origin until a signal, or as a child of another fetcher until that one is gone.</summary>
internal static class LabCommand
{
    /// <summary>What it does, for the help.</summary>
    public const string Description = "Run the embedded origin: pages, delays, drips and faults on loopback";

    private static readonly Option<int> HttpPort = CliOption.Value(
        "--http-port", [], "PORT", "Port for http on 127.0.0.1; 0 is any free one [default: 0]", Port);

    private static readonly Option<int> HttpsPort = CliOption.Value(
        "--https-port", [], "PORT", "Port for https on 127.0.0.1; 0 is any free one [default: 0]", Port);

    private static readonly Option<int> Http2Port = CliOption.Value(
        "--h2c-port", [], "PORT", "Port for HTTP/2 without TLS on 127.0.0.1; 0 is any free one [default: 0]", Port);

    private static readonly Option<long?> Body = CliOption.Value(
        "--body", [], "BYTES", "Size of every host's page; k, M and G are known [default: by the host's name]", Bytes);

    private static readonly Option<TimeSpan?> Delay = CliOption.Value(
        "--delay", [], "S", "Seconds until the first byte of every page [default: by the host's name]", Seconds);

    private static readonly Option<long?> Pace = CliOption.Value(
        "--pace", [], "BYTES/S", "Rate at which every page is sent; 0 is unpaced [default: by the host's name]", Bytes);

    private static readonly Option<int> Drip = CliOption.Value(
        "--drip", [], "N", "Send pages in N pieces by the server's clock instead of pacing them", text => OptionText.Integer(text, 1));

    private static readonly Option<TimeSpan?> DripInterval = CliOption.Value(
        "--drip-interval", [], "S", "Seconds from one piece to the next [default: by the host's name]", Seconds);

    private static readonly Option<bool> Compress = CliOption.Flag("--compress", [], "Compress pages for clients that ask for it");

    private static readonly Option<bool> Redirect = CliOption.Flag("--redirect-to-https", [], "Redirect http requests for pages to https");

    private static readonly Option<string> CaOut = CliOption.Value("--ca-out", [], "FILE", "Write the CA's certificate to FILE", text => text);

    private static readonly Option<bool> Child = new("--child") { Hidden = true };

    /// <summary>The command with its options.</summary>
    internal static Command Create()
    {
        var command = new Command("lab", Description)
        {
            HttpPort, HttpsPort, Http2Port, Body, Delay, Pace, Drip, DripInterval, Compress, Redirect, CaOut, Child,
        };
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>What the command line says of the lab.</summary>
    internal static LabOptions Options(ParseResult parsed) => new()
    {
        HttpPort = parsed.GetValue(HttpPort),
        HttpsPort = parsed.GetValue(HttpsPort),
        Http2Port = parsed.GetValue(Http2Port),
        Body = parsed.GetValue(Body),
        Delay = parsed.GetValue(Delay),
        Pace = parsed.GetValue(Pace),
        Drip = parsed.GetValue(Drip) is var pieces and > 0 ? new LabDrip(pieces, parsed.GetValue(DripInterval)) : null,
        Compress = parsed.GetValue(Compress),
        RedirectToHttps = parsed.GetValue(Redirect),
        StandsInForSites = parsed.GetValue(Child),
    };

    /// <summary>Starts the lab in a process of its own, with <paramref name="options"/>.</summary>
    /// <exception cref="IOException">It could not be started, ended early, or was not up after half a minute.</exception>
    internal static Task<LabProcess> StartChildAsync(LabOptions options, CancellationToken cancellation) =>
        LabProcess.StartAsync(ChildArguments(options), cancellation);

    /// <summary>The arguments after <c>fetcher</c> that start a child with <paramref name="options"/>.</summary>
    internal static IReadOnlyList<string> ChildArguments(LabOptions options)
    {
        List<string> arguments = ["lab", Child.Name];
        Add(HttpPort.Name, options.HttpPort);
        Add(HttpsPort.Name, options.HttpsPort);
        Add(Http2Port.Name, options.Http2Port);
        Add(Body.Name, options.Body);
        Add(Delay.Name, InSeconds(options.Delay));
        Add(Pace.Name, options.Pace);
        Add(Drip.Name, options.Drip?.Pieces);
        Add(DripInterval.Name, InSeconds(options.Drip?.Interval));
        if (options.Compress)
        {
            arguments.Add(Compress.Name);
        }

        if (options.RedirectToHttps)
        {
            arguments.Add(Redirect.Name);
        }

        return arguments;

        void Add(string name, IFormattable? value)
        {
            if (value is not null)
            {
                arguments.Add(name);
                arguments.Add(value.ToString(null, CultureInfo.InvariantCulture));
            }
        }
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = parsed.InvocationConfiguration.Output;
        NameProcess();
        FileLimit.Raise();
        ProcessRoom.Ensure(threads: 8, files: 8);
        await using var origin = await StartAsync(parsed, cancellationToken);
        if (parsed.GetValue(Child))
        {
            return await ServeParentAsync(origin, output);
        }

        using var signals = new TerminationSignals(cancellationToken);
        await output.WriteLineAsync($"""
            http://127.0.0.1:{origin.HttpPort}
            https://127.0.0.1:{origin.HttpsPort}
            http://127.0.0.1:{origin.Http2Port}    HTTP/2 without TLS (--http2-prior-knowledge)
            {LabRoutes.Summary}
            """);
        await output.FlushAsync(cancellationToken);
        await Task.Delay(Timeout.Infinite, signals.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return signals.ExitStatus ?? 0;
    }

    /// <summary>
    /// Names the process, so that ps(1), pkill(1) and <c>dotnet-counters --name</c> tell the lab from the run that has started it (proc_pid_comm(5)).
    /// </summary>
    private static void NameProcess()
    {
        try
        {
            using var name = new FileStream("/proc/self/comm", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            name.Write("fetcher-lab"u8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without /proc there is nobody who could read it either.
        }
    }

    private static async Task<LabOrigin> StartAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        LabOrigin? origin = null;
        try
        {
            origin = await LabOrigin.StartAsync(Options(parsed), cancellationToken);
            if (parsed.GetValue(CaOut) is { } file)
            {
                await File.WriteAllTextAsync(file, origin.CaCertificatePem + "\n", cancellationToken);
            }

            return origin;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            await (origin?.DisposeAsync() ?? default);
            throw new UsageException($"the lab cannot start: {e.Message}");
        }
    }

    // The parent's end closes the pipe however it ends. Signals that a terminal sends to the whole group are the parent's to handle:
    // it still reads from the lab while it winds up.
    private static async Task<int> ServeParentAsync(LabOrigin origin, TextWriter output)
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
        await output.WriteLineAsync(Json(origin));
        await output.FlushAsync();
        await Task.Factory.StartNew(ReadToEnd, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return 0;

        static void ReadToEnd()
        {
            using var input = Console.OpenStandardInput();
            while (input.ReadByte() >= 0)
            {
            }
        }
    }

    private static string Json(LabOrigin origin)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("http"u8, origin.HttpPort);
            json.WriteNumber("https"u8, origin.HttpsPort);
            json.WriteNumber("h2c"u8, origin.Http2Port);
            json.WriteString("ca"u8, origin.CaCertificatePem);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static int Port(string text) =>
        OptionText.Integer(text, 0) is var port and <= ushort.MaxValue ? port : throw new FormatException($"'{text}' is not a port");

    private static long? Bytes(string text) =>
        text == "0" ? 0
        : OptionText.Bytes(text) is var bytes and <= LabQuery.MostBytes ? bytes
        : throw new FormatException($"'{text}' is more than {LabQuery.MostBytes}");

    private static TimeSpan? Seconds(string text) => OptionText.Seconds(text);

    private static decimal? InSeconds(TimeSpan? time) => (decimal?)time?.Ticks / TimeSpan.TicksPerSecond;
}
