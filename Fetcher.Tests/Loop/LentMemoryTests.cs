#if DEBUG
using Fetcher.Core.Loop;

namespace Fetcher.Tests.Loop;

/// <summary>A debug build overwrites what a loop has lent, so that whoever keeps it fails a test.</summary>
public sealed class LentMemoryTests
{
    [Theory]
    [MemberData(nameof(EventLoopTests.Pollers), MemberType = typeof(EventLoopTests))]
    public void What_lies_in_the_loops_buffers_is_gone_after_an_await(string poller)
    {
        using var loop = EventLoopTests.New(poller);
        loop.Run(async () =>
        {
            foreach (var buffer in (byte[][])[loop.ReceiveBuffer, loop.SendBuffer])
            {
                var kept = buffer.AsMemory(buffer.Length - 5);
                "hello"u8.CopyTo(kept.Span);
                var next = new TaskCompletionSource();
                loop.Post(next.SetResult);
                kept.Span.SequenceEqual("hello"u8).ShouldBeTrue("nothing has been awaited yet");

                await next.Task;

                kept.ToArray().ShouldAllBe(one => one == LentMemory.Garbage);
            }
        });
    }
}
#endif
