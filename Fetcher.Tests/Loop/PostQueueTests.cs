using Fetcher.Core.Interop;
using Fetcher.Core.Loop;

namespace Fetcher.Tests.Loop;

public sealed class PostQueueTests : IDisposable
{
    private readonly PostQueue _posts = new();

    public void Dispose() => _posts.Dispose();

    [Fact]
    public void Actions_are_taken_in_the_order_of_their_posts()
    {
        var called = new List<int>();
        _posts.Post(() => called.Add(1));
        _posts.Post(() => called.Add(2));
        _posts.Count.ShouldBe(2);

        while (_posts.TryTake(out var action))
        {
            action();
        }

        called.ShouldBe([1, 2]);
        _posts.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void Only_the_first_post_since_the_last_wake_up_costs_a_system_call()
    {
        WritesOf(posts: 100).ShouldBe(1);
        WritesOf(posts: 100).ShouldBe(0, "the loop has not looked yet");

        _posts.TryClear().ShouldBeTrue();

        WritesOf(posts: 100).ShouldBe(1);
    }

    [Fact]
    public void Its_descriptor_is_readable_from_the_first_post_until_it_is_cleared()
    {
        IsReadable().ShouldBeFalse();
        _posts.TryClear().ShouldBeFalse("nobody has posted");

        _posts.Post(() => { });

        IsReadable().ShouldBeTrue();
        _posts.TryClear().ShouldBeTrue();
        IsReadable().ShouldBeFalse();
    }

    [Fact]
    public void A_post_after_the_end_does_nothing()
    {
        _posts.Dispose();

        Should.NotThrow(() => _posts.Post(() => { }));
    }

    /// <summary>How many system calls some posts make.</summary>
    private long WritesOf(int posts)
    {
        var before = SyscallCounters.Current.CallsOf(Syscall.Write);
        for (var i = 0; i < posts; i++)
        {
            _posts.Post(() => { });
        }

        return SyscallCounters.Current.CallsOf(Syscall.Write) - before;
    }

    private bool IsReadable()
    {
        using var poller = new PollPoller();
        poller.Add(_posts.Number, token: 1);
        poller.Arm(_posts.Number, token: 1, Interest.Read);
        return poller.Wait(new PollEvent[1], timeoutMilliseconds: 0) == 1;
    }
}
