using BenchmarkDotNet.Attributes;
using Fetcher.Core.Loop;

namespace Fetcher.Micro;

/// <summary>What a loop does for each URL beside its system calls.</summary>
public class LoopBenchmarks
{
    private const int Turns = 1000;

    private readonly Waiter _waiter = new();
    private bool _went;

    /// <summary>A wait five async methods deep, as each URL has one for its response, and the way back.</summary>
    [Benchmark]
    public bool Wait_through_five_methods()
    {
        var went = GoAsync(4).GetAwaiter();
        _waiter.Complete(ready: true);
        went.GetResult();
        return _went;
    }

    /// <summary>A turn in which something is posted: the eventfd, epoll_wait and the action.</summary>
    [Benchmark(OperationsPerInvoke = Turns)]
    public void Turn_of_the_loop()
    {
        using var loop = new EventLoop(new EpollPoller());
        loop.Run(() => PostAgainAndAgain(loop));
    }

    private async LoopTask GoAsync(int deeper)
    {
        if (deeper > 0)
        {
            await GoAsync(deeper - 1).ConfigureAwait(false);
        }
        else
        {
            _went = await _waiter.Start().ConfigureAwait(false);
        }
    }

    private static Task PostAgainAndAgain(EventLoop loop)
    {
        var ended = new TaskCompletionSource();
        var left = Turns;
        void Next()
        {
            if (--left > 0)
            {
                loop.Post(Next);
            }
            else
            {
                ended.SetResult();
            }
        }

        loop.Post(Next);
        return ended.Task;
    }
}
