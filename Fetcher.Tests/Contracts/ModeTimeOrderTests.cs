using System.Net;
using System.Net.Sockets;
using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Net;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing;
using Fetcher.Core.Work;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>
/// The contract of every mode: the times of a result are those of its last request, in curl's order, with 0 for what did not happen, and no time is
/// negative, whatever went wrong before in the same slot.
/// </summary>
public sealed class ModeTimeOrderTests
{
    /// <summary>Long enough for some connections, and for others not: the times are to be in order either way.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(60);

    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Nothing_of_the_URL_before_shows_in_one_that_could_not_be_connected(string mode)
    {
        using var dead = new DeadPort();
        await using var server = new ScriptedServer(Answer(Ok()));

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, server.Url(), dead.Url, server.Url(), "http://127.0.0.1:99999/");

        var refused = outcomes[1];
        (refused.Connect, refused.AppConnect, refused.PreTransfer, refused.StartTransfer).ShouldBe((0, 0, 0, 0));
        (refused.Status, refused.HttpVersion, refused.RemoteIp, refused.LocalPort, refused.SizeDownload).ShouldBe((0, null, null, 0, 0));
        var unread = outcomes[3];
        (unread.NameLookup, unread.Connect, unread.PreTransfer, unread.StartTransfer, unread.NumConnects).ShouldBe((0, 0, 0, 0, 0));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_redirect_that_cannot_be_connected_has_the_times_of_that_connection(string mode)
    {
        using var dead = new DeadPort();
        await using var server = new ScriptedServer(Answer(Response("302 Found", "", $"Location: {dead.Url}\r\n")));
        var sink = new PhaseSink();

        await ModeRun.RunAsync(mode, ModeRun.Options, new MemorySource([server.Url()]), sink);

        var (outcome, phases) = sink.Seen.ShouldHaveSingleItem();
        (outcome.Error, outcome.Status, outcome.NumRedirects, outcome.NumConnects).ShouldBe((FetchErrorKind.Connect, 302, 1, 1), outcome.Message);
        (outcome.Connect, outcome.AppConnect, outcome.PreTransfer, outcome.StartTransfer).ShouldBe((0, 0, 0, 0));
        (phases.Wait, phases.Receive).ShouldBe((0, 0));
        phases.Earlier.ShouldBeGreaterThan(0);
        phases.Connect.ShouldBeGreaterThan(0);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stale_connection_leaves_no_times_to_one_that_is_refused(string mode)
    {
        using var dead = new DeadPort();
        await using var proxy = new ScriptedServer(
            async connection =>
            {
                await connection.ReadRequestAsync();
                await connection.SendAsync(Ok());
                await connection.ReadRequestAsync();
                connection.Reset();
            },
            connection =>
            {
                connection.Reset();
                return Task.CompletedTask;
            });

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, proxy.Url("/1"), proxy.Url("/2"), dead.Url);

        outcomes[1].Ok.ShouldBeFalse();
        outcomes[1].StartTransfer.ShouldBe(0);
        outcomes.ShouldAllBe(outcome => Disorder(outcome) == null);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Times_are_in_order_whatever_happens(string mode)
    {
        await using var faults = new FaultyServers();
        foreach (var options in (FetchOptions[])
        [
            ModeRun.Options,
            ModeRun.Options with { Concurrency = 4, Retry = 1, RetryDelay = TimeSpan.FromMilliseconds(1) },
            ModeRun.Options with { Concurrency = 3, Retry = 2, MaxTime = TimeSpan.FromMilliseconds(200), StartInterval = TimeSpan.FromMilliseconds(2) },
            ModeRun.Options with { Concurrency = 2, Robots = true, Sha256 = true, Retry = 1, RetryDelay = TimeSpan.FromMilliseconds(1) },
        ])
        {
            var sink = await RunAsync(mode, options with { ReadTimeout = Short, ConnectTimeout = Short, Insecure = true }, faults.Urls);

            sink.Seen.Count.ShouldBe(3 * faults.Urls.Count);
            sink.ShouldBeInOrder();
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Times_are_in_order_when_the_run_is_stopped(string mode)
    {
        await using var faults = new FaultyServers();
        using var stop = new CancellationTokenSource();
        var sink = new PhaseSink { OnResult = count => _ = count == 5 ? stop.CancelAsync() : null };

        var work = new ListWork(new MemorySource(faults.Urls, count: 10), sink);
        var options = ModeRun.Options with
        {
            Concurrency = 8,
            Retry = 3,
            RetryDelay = TimeSpan.FromSeconds(100),
            StartInterval = TimeSpan.FromMilliseconds(5),
            ReadTimeout = Short,
            ConnectTimeout = Short,
        };
        await ModeRun.RunAsync(mode, NewJob(options, work, stop.Token));

        sink.Seen.Count.ShouldBeGreaterThanOrEqualTo(5);
        sink.ShouldBeInOrder();
    }

    private static async Task<PhaseSink> RunAsync(string mode, FetchOptions options, IReadOnlyList<string> urls)
    {
        var sink = new PhaseSink();
        await ModeRun.RunAsync(mode, NewJob(options, new ListWork(new MemorySource(urls, count: 3), sink)));
        return sink;
    }

    /// <summary>A run for which no name has an address.</summary>
    private static FetchJob NewJob(FetchOptions options, IWork work, CancellationToken stop = default) => new(options, work, stop: stop)
    {
        Resolver = new Resolver(
            options, TimeProvider.System, (_, _) => Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound))),
    };

    /// <summary>What is wrong with the times of a result, or null.</summary>
    private static string? Disorder(Outcome outcome)
    {
        long[] times = [outcome.NameLookup, outcome.Connect, outcome.AppConnect, outcome.PreTransfer, outcome.StartTransfer];
        var happened = times.Where(time => time != 0).Append(outcome.Total).ToArray();
        return outcome.Start < 0 || outcome.Queue < 0 || outcome.Total < outcome.Queue || happened.Any(time => time < 0) || !happened.Order().SequenceEqual(happened)
            ? $"{outcome.Url}: start {outcome.Start}, queue {outcome.Queue}, times {string.Join(' ', times)}, total {outcome.Total}: {outcome.Message}"
            : null;
    }

    /// <summary>A port of loopback where nobody listens.</summary>
    private sealed class DeadPort : IDisposable
    {
        private readonly Socket _bound = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

        public DeadPort() => _bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        public string Url => $"http://127.0.0.1:{((IPEndPoint)_bound.LocalEndPoint!).Port}/";

        public void Dispose() => _bound.Dispose();
    }

    /// <summary>A server whose paths go wrong in their own ways each, one that speaks no TLS, and one that is not there.</summary>
    private sealed class FaultyServers : IAsyncDisposable
    {
        private static readonly string[] Paths =
            ["/ok", "/busy", "/flaky", "/cut", "/stall", "/silent", "/reset", "/junk", "/missing", "/away", "/on", "/strange"];

        private readonly DeadPort _dead = new();
        private readonly ScriptedServer _server;
        private int _asked;

        public FaultyServers()
        {
            _server = new ScriptedServer(ServeAsync);
            Urls =
            [
                .. Paths.Select(path => _server.Url(path)),
                _dead.Url, _server.TlsUrl, "http://nosuch.invalid/", "http://", _server.Url("/ok"),
            ];
        }

        public IReadOnlyList<string> Urls { get; }

        public ValueTask DisposeAsync()
        {
            _dead.Dispose();
            return _server.DisposeAsync();
        }

        private async Task ServeAsync(ScriptedConnection connection)
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                var path = request.Split(' ')[1];
                await connection.SendAsync(path switch
                {
                    "/busy" => Response("503 Busy", "", "Retry-After: 0\r\n"),
                    "/flaky" => Interlocked.Increment(ref _asked) % 2 == 0 ? Ok() : Response("503 Busy"),
                    "/cut" or "/stall" => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello",
                    "/silent" or "/reset" => "",
                    "/junk" => "hello\r\n\r\n",
                    "/missing" or "/robots.txt" => Response("404 Not Found", "no"),
                    "/away" => Response("302 Found", "", $"Location: {_dead.Url}\r\n"),
                    "/on" => Response("302 Found", "on", "Location: /ok\r\n"),
                    "/strange" => Ok() + "stray",
                    _ => Ok(),
                });
                switch (path)
                {
                    case "/cut":
                        return;
                    case "/reset":
                        connection.Reset();
                        return;
                    case "/stall" or "/silent":
                        await connection.HoldAsync();
                        return;
                }
            }
        }
    }

    /// <summary>Keeps results with their phases, by the report's own reckoning.</summary>
    private sealed class PhaseSink : IResultSink
    {
        private readonly Lock _gate = new();
        private readonly List<string> _wrong = [];

        public List<(Outcome Outcome, PhaseDurations Phases)> Seen { get; } = [];

        public Action<int>? OnResult { get; init; }

        public bool HasRoom => true;

        public void Add(FetchResult result)
        {
            int count;
            lock (_gate)
            {
                var (outcome, phases, har) = (Outcome.From(result), PhaseDurations.Of(result), HarTimings.Of(result));
                Seen.Add((outcome, phases));
                count = Seen.Count;
                if (Disorder(outcome) is { } wrong)
                {
                    _wrong.Add(wrong);
                }

                var least = Enum.GetValues<Phase>().Min(phase => phases[phase]);
                var sum = har.Blocked + (har.Dns ?? 0) + (har.Connect ?? 0) + har.Wait + har.Receive;
                if (least < 0 || phases.Total != outcome.Total || sum != har.Total)
                {
                    _wrong.Add($"{outcome.Url}: {phases} of {outcome.Total}, {har}");
                }
            }

            OnResult?.Invoke(count);
        }

        public void NotifyWhenRoom(Action ready) => ready();

        public void ShouldBeInOrder() => _wrong.ShouldBeEmpty();
    }
}
