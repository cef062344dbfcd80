using Fetcher.Core;
using Fetcher.Core.Saving;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Saving;

/// <summary>What is put into a file's queue is done once, in order, whichever writer comes.</summary>
public sealed class WriteQueueTests
{
    [Fact]
    public async Task A_command_that_comes_as_a_writer_leaves_is_done_once()
    {
        using var folder = new TempFolder();
        var store = new BodyStore(new FetchOptions { OutputDir = folder.Path });
        var (queue, other) = (NewQueue(store), NewQueue(store));
        using var isSetUp = new ManualResetEventSlim();
        using var hasBegun = new ManualResetEventSlim();
        using var mayEnd = new ManualResetEventSlim();
        var times = 0;
        var command = new WriteCommand(() =>
        {
            if (Interlocked.Increment(ref times) > 1)
            {
                mayEnd.Set();
            }

            hasBegun.Set();
            mayEnd.Wait();
        });

        // The first writer is held in what goes on when the bytes have been written, with its queue empty; by then a second one has taken the command.
        queue.Run(new WriteCommand(isSetUp.Wait));
        queue.Write("bytes"u8);
        var leaving = queue.WhenDrained().ContinueWith(
            _ =>
            {
                queue.Run(command);
                Thread.Sleep(WriterThreads.LongestWait + TimeSpan.FromMilliseconds(1));
                other.Run(new WriteCommand(mayEnd.Set));
                hasBegun.Wait();
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        isSetUp.Set();
        await leaving;
        await store.WhenIdleAsync();

        times.ShouldBe(1);
        queue.Run(new WriteCommand(queue.Disk.Leave));
        await store.WhenIdleAsync();
    }

    private static WriteQueue NewQueue(BodyStore store)
    {
        var queue = new WriteQueue(store);
        queue.Disk.Begin(Urls.Of("http://host.test/name"), new UrlItem(), isFirst: true);
        return queue;
    }
}
