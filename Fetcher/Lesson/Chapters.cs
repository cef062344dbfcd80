namespace Fetcher.Lesson;

/// <summary>The chapters of the lesson, in their order.</summary>
internal static class Chapters
{
    /// <summary>Ten hosts, each answering after 50 ms and then sending 1 MiB in a quarter of a second.</summary>
    private const string Pages = "'http://host-[1-10].test/?body=1048576&pace=4194304&delay=0.05' --lab --warmup 0 --runs 3 --modes ";

    /// <summary>Small answers after 2 ms, eight at once.</summary>
    private const string Small = "'http://host.test/?body=600&pace=0&delay=0.002' --count 600 --concurrency 8 --lab --warmup 0 --runs 3 --modes ";

    private const string Modes = "ModeCatalog.cs";

    public static IReadOnlyList<Chapter> All { get; } =
    [
        new()
        {
            Number = 1,
            Title = "One after the other",
            Claim = "A program that waits in each call does one thing at a time. Its times add up.",
            Code = [new(Modes, "new(\"sequential\"", 3)],
            Arguments = Pages + "sequential",
            Drawing = Drawing.Transfers,
            Find = Findings.TimesAddUp,
        },
        new()
        {
            Number = 2,
            Title = "A thread for each",
            Claim = "Give each transfer a thread, and they wait at the same time. This is what run_in_executor does around blocking calls. The price is the threads.",
            Code = [new(Modes, "new(\"threads\"", 3), new(Snippet.PythonFile, "async def fetch_executor", 4)],
            Arguments = Pages + "sequential,threads",
            Drawing = Drawing.Bars,
            Find = Findings.ThreadsOverlap,
            Python = "executor",
        },
        new()
        {
            Number = 3,
            Title = "The mistake: the request asynchronous, the read blocking",
            Claim = "The code looks asynchronous. But while the loop stands in one read, nobody else is served, and the bodies come one after the other again.",
            Code = [new(Modes, "new(\"blocking-read\"", 3), new("BlockInPlace.cs", "// The kernel keeps the deadline", 3), new(Snippet.PythonFile, "async def fetch_blocking", 4)],
            Arguments = Pages + "async,blocking-read",
            Drawing = Drawing.Transfers,
            Find = Findings.LoopStands,
            Python = "blocking",
        },
        new()
        {
            Number = 4,
            Title = "All asynchronous",
            Claim = "One thread waits for all sockets at once. The run takes as long as its longest transfer.",
            Code = [new(Modes, "new(\"async\"", 3)],
            Arguments = Pages + "sequential,threads,blocking-read,async",
            Drawing = Drawing.Bars,
            Find = Findings.AsLongAsTheLongest,
        },
        new()
        {
            Number = 5,
            Title = "When the mistake costs nothing",
            Claim = "Small bodies have arrived before anybody reads them: the kernel keeps them in its receive buffers. So tests with small bodies do not find the mistake.",
            Code = [new(Modes, "new(\"blocking-read\"", 3)],
            Arguments = "'http://host-[1-8].test/?pace=8388608&delay=0.02' --lab --warmup 0 --runs 3 --modes async,blocking-read --sweep body=64K,256K,512K,1M",
            Drawing = Drawing.Curves,
            Find = Findings.SmallBodiesHideIt,
        },
        new()
        {
            Number = 6,
            Title = "Waiting against asking again and again",
            Claim = "A loop that tries every socket again and again is no faster than one that waits. It keeps a core busy with nothing.",
            Code = [new("BusyPoller.cs", "for (var i = 0; i < _count", 8), new("EpollPoller.cs", "var count = Libc.EpollWait", 1)],
            Arguments = "'http://host-[1-8].test/?body=1000&delay=0.3' --lab --warmup 0 --runs 3 --modes async,busy-wait",
            Drawing = Drawing.Bars,
            Find = Findings.BusyForNothing,
        },
        new()
        {
            Number = 7,
            Title = "select and poll look at everything",
            Claim = "Each call hands the kernel every socket, and the kernel looks at each: connections that are open and silent cost as well. select knows 1,024 descriptors.",
            Code = [new("SelectPoller.cs", "// The call writes its answer over the question", 3), new("PollPoller.cs", "var left = Libc.Poll", 1)],
            Arguments = Small + "async,select,poll --sweep idle=10,400,900",
            Drawing = Drawing.Curves,
            Find = Findings.LooksAtEverything,
        },
        new()
        {
            Number = 8,
            Title = "epoll is told once",
            Claim = "epoll keeps the list in the kernel and reports only what is ready. Silent connections cost next to nothing.",
            Code = [new("EpollPoller.cs", "var count = Libc.EpollWait", 4)],
            Arguments = Small + "async,poll --sweep idle=10,1000,4000",
            Drawing = Drawing.Curves,
            Find = Findings.StaysFlat,
        },
        new()
        {
            Number = 9,
            Title = "io_uring: told when it is done",
            Claim = "select, poll and epoll say that a read would not wait, and the program reads. io_uring is asked to read and says when it has: many operations, one system call.",
            Code = [new("UringPoller.cs", "// One call hands over", 3)],
            Arguments = "'http://host.test/?body=600&pace=0&delay=0' --count 4000 --concurrency 32 --lab --warmup 0 --runs 3 --modes async,io-uring",
            Drawing = Drawing.Bars,
            Find = Findings.FewerCalls,
        },
        new()
        {
            Number = 10,
            Title = "Work for the CPU",
            Claim = "Waiting well does nothing for work: while the loop computes, nobody is served. More loops on more cores help.",
            Code = [new("CpuBurst.cs", "public static void Burn", 8)],
            Arguments = "'http://host-[1-16].test/?body=1000&delay=0.01' --cpu-burst 20 --lab --warmup 0 --runs 3 --modes async --sweep loops=1,2",
            Drawing = Drawing.Curves,
            Find = Findings.CoresHelp,
        },
        new()
        {
            Number = 11,
            Title = "In which order?",
            Claim = "Who takes results as they complete can use the first at once. In the order of the list each waits for those before it, and who waits for all waits for the slowest.",
            Code = [new("InputOrderBuffer.cs", "public void Write(FetchResult result)", 13)],
            Arguments = "'http://host.test/?body=1000&delay={0.2,0.05,0.45,0.1,0.6,0.15,0.3,0.25}' --lab --warmup 0 --runs 3 --modes async",
            Drawing = Drawing.Order,
            Find = Findings.OrderMatters,
        },
    ];
}
