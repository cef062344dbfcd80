using Fetcher.Core.DotNet;
using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Uring;

namespace Fetcher.Core.Modes;

/// <summary>
/// All modes, a row each. A row on loops says what its loop polls with, how many loops there are, and how its transfers wait: a transfer that parks
/// lets the loop serve the others, one that blocks stands in its system call, and so does the loop's thread.
/// </summary>
internal static class ModeCatalog
{
    /// <summary>Descriptors that select needs besides those of transfers and loops: for lists, reports and name look-ups.</summary>
    private const int Spare = 32;

    /// <summary>
    /// All modes, in the order in which the history of waiting went. blocking-read is the classic mistake of asynchronous programs, and differs from async in
    /// one word.
    /// </summary>
    public static IReadOnlyList<Mode> All { get; } =
    [
        new("sequential", null, "stands in each call, one URL at a time",
            "blocking recvfrom", "one transfer at a time", WhyNoSockets,
            new LoopPlan(Timers, One, Request: Block, Body: Block)),
        new("threads", null, "stands in each call, a thread for each transfer",
            "blocking recvfrom", "memory and switching of the threads", WhyNoSockets,
            new LoopPlan(Timers, OneATransfer, Request: Block, Body: Block)),
        new("busy-wait", null, "never: tries every socket again and again",
            "none", "a core, always busy", WhyNoSockets,
            new LoopPlan(Busy, AsAsked, Request: Park, Body: Park)),
        new("select", null, "one thread waits for all sockets at once",
            "select", "descriptors below 1024; a wait costs by the highest", WhyNoSelect,
            new LoopPlan(Select, AsAsked, Request: Park, Body: Park)),
        new("poll", null, "one thread waits for all sockets at once",
            "poll", "a wait costs by the sockets watched", WhyNoSockets,
            new LoopPlan(Poll, AsAsked, Request: Park, Body: Park)),
        new("blocking-read", null, "as async for the request, then stands in each body's read",
            "epoll_wait, then blocking recvfrom", "one body at a time", WhyNoSockets,
            new LoopPlan(Epoll, AsAsked, Request: Park, Body: Block)),
        new("async", "epoll", "one thread waits for all sockets at once",
            "epoll_wait", "open files; one core a loop", WhyNoSockets,
            new LoopPlan(Epoll, AsAsked, Request: Park, Body: Park)),
        new("io-uring", "uring", "the kernel sends and receives by itself; one call a turn hands over and waits",
            "io_uring_enter", "open files; one core a loop", WhyNoUring,
            new LoopPlan(Uring(UringLevel.SharedBuffers), AsAsked, Request: Park, Body: Park)),
        new("httpclient", null, "tasks on .NET's thread pool; .NET waits for the sockets",
            "epoll_wait, inside .NET", "open files; memory for the tasks", WhyNoHttpClient,
            new HttpClientPlan()),
    ];

    /// <summary>What modes are called on a command line: their names, each followed by its alias.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.SelectMany(mode => new[] { mode.Name, mode.Alias }).OfType<string>()];

    /// <summary>The mode called <paramref name="name"/>, or null.</summary>
    public static Mode? Find(string name) => All.FirstOrDefault(mode => mode.Name == name || mode.Alias == name);

    /// <summary>
    /// Completion instead of readiness: the kernel is told once what to send and receive, and does it by itself. Where it is too old for that, its ring only
    /// tells readiness, and the rest is as with epoll.
    /// </summary>
    /// <param name="most">What to use at most, where the kernel has it.</param>
    internal static Func<FetchJob, IPoller> Uring(UringLevel most) => job => new UringPoller(job.Options.Concurrency, most, job.Clock);

    private static GatheringPoller Epoll(FetchJob job) => new(new EpollPoller(), job.Clock);

    private static GatheringPoller Poll(FetchJob job) => new(new PollPoller(), job.Clock);

    private static GatheringPoller Select(FetchJob job) => new(new SelectPoller(), job.Clock);

    private static BusyPoller Busy(FetchJob job) => new();

    /// <summary>For a loop that has little to do: name look-ups, and the pauses before retries.</summary>
    private static PollPoller Timers(FetchJob job) => new();

    private static LoopCount AsAsked(FetchJob job) => new(job.Options.Loops, job.Options.Concurrency);

    private static LoopCount One(FetchJob job) => new(Loops: 1, Slots: 1);

    private static LoopCount OneATransfer(FetchJob job) =>
        new(Math.Min(job.Options.Concurrency, Math.Max(1, job.Sockets.Most / 2)), job.Options.Concurrency);

    private static EventLoop Park(EventLoop loop) => loop;

    private static BlockInPlace Block(EventLoop loop) => new(loop);

    private static string? WhyNoSockets(FetchOptions options) => OperatingSystem.IsLinux()
        ? null
        : "it makes Linux system calls, and this is not Linux; --mode httpclient works here";

    /// <remarks>Looked up in the process as it is now: what else it has open takes low numbers too.</remarks>
    private static string? WhyNoSelect(FetchOptions options)
    {
        if (WhyNoSockets(options) is { } reason)
        {
            return reason;
        }

        var (needed, free) = (options.Concurrency + Math.Min(options.Loops, options.Concurrency) + Spare, SelectPoller.CountFree());
        return needed <= free
            ? null
            : $"concurrency {options.Concurrency} needs {needed} descriptors, {free} are free below 1024, and {SelectPoller.Limit}";
    }

    private static string? WhyNoUring(FetchOptions options) => WhyNoSockets(options) ?? UringPoller.WhyNot;

    private static string? WhyNoHttpClient(FetchOptions options) =>
        options.WarcPath is not null ? "an archive holds what came over the wire, which .NET's client does not show"
        : options.Http2ConnectionWindow is not null ? ".NET's client has an HTTP/2 connection window of its own (--http2-connection-window)"
        : options.Http2Window is < DotNetTransport.LeastWindow or > DotNetTransport.MostWindow
            ? $".NET's client takes HTTP/2 windows from {DotNetTransport.LeastWindow} bytes to {DotNetTransport.MostWindow >> 20} MiB (--http2-window)"
            : null;
}
