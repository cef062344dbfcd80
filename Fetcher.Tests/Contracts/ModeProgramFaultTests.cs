using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Modes;
using Fetcher.Core.Work;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: a failure of the program itself ends the run, with all of its loops, and is told; nobody waits for ever.</summary>
public sealed class ModeProgramFaultTests
{
    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_fails_on_a_thread_of_the_run_ends_it(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        using var stop = new CancellationTokenSource();
        var options = ModeRun.Options with { Concurrency = 4, Loops = mode is "async" or "io-uring" ? 2 : 1 };
        var job = new FetchJob(options, new ListWork(new MemorySource([server.Url()], count: 10_000), new FailingSink(after: 100)), stop: stop.Token);
        Assert.SkipWhen(ModeCatalog.Find(mode)!.WhyNot(options) is not null, mode);
        var run = ModeCatalog.Find(mode)!.RunAsync(job);

        var fault = await job.Fault.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await stop.CancelAsync();

        fault.ShouldBeOfType<InsufficientMemoryException>();
        await Should.ThrowAsync<OutOfMemoryException>(run.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    /// <summary>A report that no result can be added to any more.</summary>
    private sealed class FailingSink(int after) : IResultSink
    {
        private int _left = after;

        public bool HasRoom => true;

        public void Add(FetchResult result)
        {
            if (Interlocked.Decrement(ref _left) < 0)
            {
                throw new InsufficientMemoryException();
            }
        }

        public void NotifyWhenRoom(Action ready) => ready();
    }
}
