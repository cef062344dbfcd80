using Fetcher.Core;
using Fetcher.Tests.Saving;

namespace Fetcher.Tests.Work;

/// <summary>The contract of everything that a run can work off, without a network.</summary>
public sealed class WorkContractTests : IDisposable
{
    private const int Count = 300;
    private readonly TempFolder _folder = new();

    public static TheoryData<string> Kinds => [.. WorkUnderTest.Kinds];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Kinds))]
    public async Task Several_loops_get_each_URL_once_and_each_comes_out_once(string kind)
    {
        await using var tested = new WorkUnderTest(kind, _folder, Count);
        var left = Count - tested.Recorded;

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            async () =>
            {
                var (item, result) = (new UrlItem(), new FetchResult());
                while (await tested.TakeAsync(item))
                {
                    tested.Work.Complete(item, ResultOf(result, item));
                    if (Interlocked.Decrement(ref left) == 0)
                    {
                        tested.End();
                    }
                }
            },
            TestContext.Current.CancellationToken)));

        left.ShouldBe(0);
        (await tested.OutcomesAsync(Count)).Order().ShouldBe(tested.Urls.Order());
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_URL_that_is_given_back_is_given_out_again_or_else_comes_out_as_it_is_completed(string kind)
    {
        await using var tested = new WorkUnderTest(kind, _folder, count: 1, recorded: 0);
        var (item, other) = (new UrlItem(), new UrlItem());
        (await tested.TakeAsync(item)).ShouldBeTrue();

        if (tested.Work.TryRelease(item))
        {
            (await tested.TakeAsync(other)).ShouldBeTrue();
            other.Text.ToString().ShouldBe(item.Text.ToString());
            item = other;
        }

        tested.Work.Complete(item, ResultOf(new FetchResult(), item));
        tested.End();
        (await tested.OutcomesAsync(1)).ShouldBe(tested.Urls);
        (await tested.TakeAsync(item)).ShouldBeFalse();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Nothing_is_kept_of_what_is_handed_over_and_nothing_stays_in_an_item(string kind)
    {
        await using var tested = new WorkUnderTest(kind, _folder, count: 1, recorded: 0);
        var (item, result) = (new UrlItem(), new FetchResult());
        (item.Problem, item.Options, item.Origin, item.Line, item.GiveUp) = ("none", new UrlOptions(), "another", 7, new CancellationToken(canceled: true));

        (await tested.TakeAsync(item)).ShouldBeTrue();
        (item.Problem, item.Index, item.GiveUp.IsCancellationRequested).ShouldBe((null, 0, false));
        (item.Options as FetchRequest)?.Url.ShouldBe(tested.Urls[0]);
        item.Origin.ShouldNotBe("another");
        item.Line.ShouldBeLessThan(2);

        tested.Work.Complete(item, ResultOf(result, item));
        result.Url.Set("http://other/"u8);
        item.Text.Set("http://other/"u8);
        tested.End();
        (await tested.OutcomesAsync(1)).ShouldBe(tested.Urls);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Whoever_asks_for_news_is_called_once_there_is_a_URL_or_the_end(string kind)
    {
        await using var tested = new WorkUnderTest(kind, _folder, count: 2);
        var (item, result) = (new UrlItem(), new FetchResult());
        for (var left = 2 - tested.Recorded; left > 0; left--)
        {
            // Taken or to come, it is told of.
            await tested.NewsAsync();
            (await tested.TakeAsync(item)).ShouldBeTrue();
            tested.Work.Complete(item, ResultOf(result, item));
        }

        var ended = tested.NewsAsync();
        tested.End();
        await ended;
        (await tested.TakeAsync(item)).ShouldBeFalse();
        tested.Work.TryTake(item).ShouldBe(TakeStatus.End);
        await tested.NewsAsync();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task Without_room_nobody_is_called_until_there_is_some(string kind)
    {
        await using var tested = new WorkUnderTest(kind, _folder, count: 3, recorded: 0, room: 1);
        var item = new UrlItem();
        tested.Work.HasRoom.ShouldBeTrue();
        (await tested.TakeAsync(item)).ShouldBeTrue();
        tested.Work.Complete(item, ResultOf(new FetchResult(), item));
        Assert.SkipWhen(tested.Work.HasRoom, $"{kind} always has room");

        var called = new TaskCompletionSource();
        tested.Work.NotifyWhenRoom(called.SetResult);
        called.Task.IsCompleted.ShouldBeFalse();

        await tested.MakeRoomAsync();
        await called.Task.WaitAsync(WorkUnderTest.Patience, TestContext.Current.CancellationToken);
        tested.Work.HasRoom.ShouldBeTrue();
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task It_says_how_many_there_are_if_it_knows_and_how_far_it_may_be_read_ahead(string kind)
    {
        await using var tested = new WorkUnderTest(kind, _folder, Count);

        tested.Work.MostAhead.ShouldBeGreaterThan(0);
        tested.Work.Total.ShouldBe(tested.KnowsTotal ? Count : null);
    }

    private static FetchResult ResultOf(FetchResult result, UrlItem item)
    {
        (result.Index, result.Status, result.Attempts) = (item.Index, 200, 1);
        result.Url.Set(item.Text.Span);
        return result;
    }
}
