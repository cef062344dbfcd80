using System.Text;
using Fetcher.Core;
using Fetcher.Core.Interop;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Modes;

/// <summary>What a URL costs once connections and buffers are there, counted and not timed: a guard against a slow change on the path of every URL.</summary>
public sealed class HotPathCostTests
{
    private const int InFlight = 8;
    private const int Warm = 500;
    private const int Window = 500;
    private const int Windows = 6;

#if DEBUG
    // Unoptimised, the compiler makes an object of every async call, about a kilobyte a URL in all.
    private const int MostBytes = 1500;
#else
    private const int MostBytes = 10;
#endif

    private static readonly Syscall[] Waits = [Syscall.EpollWait, Syscall.Poll, Syscall.Select, Syscall.IoUringEnter];

    [Theory]
    [InlineData("async", 1)]
    [InlineData("poll", 1)]
    [InlineData("select", 1)]
    [InlineData("io-uring", 0)]
    public async Task A_URL_costs_one_send_one_receive_one_wait_at_most_and_hardly_an_allocation(string mode, int callsOfSocket)
    {
        using var server = new KeepAliveServer(Encoding.ASCII.GetBytes(Scripts.Ok(new string('x', 600), "Content-Type: text/html\r\n")));
        var costs = new CountingSink();
        var urls = new CountedSource($"http://127.0.0.1:{server.Port}/", Warm + (Windows * Window));
        await ModeRun.RunAsync(mode, ModeRun.Options with { Concurrency = InFlight }, urls, costs);

        costs.Failed.ShouldBe(0);
        costs.Marks.Count.ShouldBe(Windows + 1);
        var (first, last) = (costs.Marks[0], costs.Marks[^1]);
        const double Urls = Windows * Window;
        ((last.Sends - first.Sends) / Urls).ShouldBeLessThanOrEqualTo(callsOfSocket + 0.02);
        ((last.Receives - first.Receives) / Urls).ShouldBeLessThanOrEqualTo(callsOfSocket + 0.05);
        ((last.Waits - first.Waits) / Urls).ShouldBeLessThanOrEqualTo(1.05);
        ((last.Others - first.Others) / Urls).ShouldBeLessThanOrEqualTo(0.01);
        if (mode != "async")
        {
            return;
        }

        // A collection that another test brings about counts what was unused of this thread's allocation context: the best window tells.
        costs.Marks.Zip(costs.Marks.Skip(1), (a, b) => (b.Allocated - a.Allocated) / (double)Window).Min().ShouldBeLessThan(MostBytes);
    }

    private readonly record struct Mark(long Sends, long Receives, long Waits, long Others, long Allocated);

    /// <summary>Notes what the loop's thread has cost so far after each window; the loop adds its results on its own thread.</summary>
    private sealed class CountingSink : IResultSink
    {
        private int _results;

        public List<Mark> Marks { get; } = new(Windows + 1);

        public int Failed { get; private set; }

        public bool HasRoom => true;

        public void Add(FetchResult result)
        {
            Failed += result.Ok ? 0 : 1;
            if (++_results >= Warm && (_results - Warm) % Window == 0)
            {
                var calls = SyscallCounters.Current;
                Marks.Add(new Mark(
                    calls.CallsOf(Syscall.Send),
                    calls.CallsOf(Syscall.Recv),
                    Waits.Sum(calls.CallsOf),
                    Enum.GetValues<Syscall>().Except([.. Waits, Syscall.Send, Syscall.Recv, Syscall.ClockNanosleep]).Sum(calls.CallsOf),
                    GC.GetAllocatedBytesForCurrentThread()));
            }
        }

        public void NotifyWhenRoom(Action ready) => ready();
    }

    /// <summary>A list that allocates nothing: the same URL again and again.</summary>
    private sealed class CountedSource(string url, long count) : IUrlSource
    {
        private readonly byte[] _url = Encoding.ASCII.GetBytes(url);
        private long _taken;

        public long? Total => count;

        public TakeStatus TryTake(UrlItem item)
        {
            if (_taken == count)
            {
                return TakeStatus.End;
            }

            item.Index = _taken++;
            item.Text.Set(_url);
            return TakeStatus.Taken;
        }

        public void NotifyWhenReady(Action ready) => ready();
    }
}
