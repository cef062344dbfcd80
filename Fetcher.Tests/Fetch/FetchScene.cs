using System.Text;
using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;
using Fetcher.Core.Work;
using Fetcher.Tests.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Fetch;

/// <summary>One slot with all that a URL passes in it, on a clock that the test sets and over exchanges that it scripts. Nothing runs by itself.</summary>
internal sealed class FetchScene : IDisposable
{
    private readonly CancellationTokenSource _drain = new();

    public FetchScene(FetchOptions? options = null, params ScriptedExchange[] exchanges)
    {
        Transport = new ScriptedTransport(exchanges);
        Job = new FetchJob((options ?? new FetchOptions()) with { Concurrency = 1 }, new ListWork(new MemorySource([]), new MemorySink()), Clock)
        {
            Drain = _drain.Token,
        };
        Places = new ScriptedPlaces(Clock);
        RoundTrip = new RoundTrip(Job, Transport, new ManualExecutor(queues: false));
        Retries = new Retries(Job.Options, Clock, _drain.Token);
        Pipeline = new FetchPipeline(Job, RoundTrip, Places, Retries, "scripted", loopNumber: 3);
        Transfer = new Transfer(Job.Options);
    }

    public FakeTimeProvider Clock { get; } = new();

    public ScriptedTransport Transport { get; }

    public FetchJob Job { get; }

    public ScriptedPlaces Places { get; }

    public RoundTrip RoundTrip { get; }

    public Retries Retries { get; }

    public FetchPipeline Pipeline { get; }

    public Transfer Transfer { get; }

    public FetchResult Result => Transfer.Result;

    public long Now => MonotonicClock.Now(Clock);

    /// <summary>Gives the transfer its URL, as the pipeline does.</summary>
    public FetchScene Begin(string url = "http://a.test/", UrlOptions? own = null, long deadline = long.MaxValue, CancellationToken giveUp = default)
    {
        SetLine(url, own, giveUp);
        Result.Reset();
        Transfer.Begin(Now, deadline);
        UrlLine.Parse(Transfer, Job.Options).ShouldBeNull();
        Transfer.BeginRequests();
        Transfer.BeginRequest();
        return this;
    }

    /// <summary>Makes one request for the transfer's URL; it needs no wait.</summary>
    public Reply Ask() => Take(RoundTrip.AskAsync(Transfer));

    /// <summary>Fetches a URL, as far as it goes without a wait.</summary>
    public FetchScene Fetch(string url = "http://a.test/", UrlOptions? own = null, bool isToBegin = true, CancellationToken giveUp = default)
    {
        SetLine(url, own, giveUp);
        Do(() => Run = FetchAsync(isToBegin));
        return this;
    }

    /// <summary>Begins something, as far as it goes without a wait.</summary>
    public static Task<T> Start<T>(Func<ValueTask<T>> begin)
    {
        Task<T>? begun = null;
        Do(() => begun = begin().AsTask());
        return begun!;
    }

    /// <summary>The fetch that was begun.</summary>
    public Task Run { get; private set; } = Task.CompletedTask;

    /// <summary>Sets the clock forward. What waited for that goes on at once, on this thread.</summary>
    public void Advance(double seconds) => Do(() => Clock.Advance(TimeSpan.FromSeconds(seconds)));

    /// <summary>Nothing new is to begin.</summary>
    public void Drain() => Do(_drain.Cancel);

    public void Dispose() => _drain.Dispose();

    /// <summary>The result of what needs no wait.</summary>
    public static Reply Take(LoopTask<Reply> asked)
    {
        var awaiter = asked.GetAwaiter();
        awaiter.IsCompleted.ShouldBeTrue();
        return awaiter.GetResult();
    }

    /// <summary>Without xunit's context, in which a continuation would be queued to another thread.</summary>
    private static void Do(Action action)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            action();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private async Task FetchAsync(bool isToBegin) => await Pipeline.FetchAsync(new ScriptedSlot(Transfer, new TransferStart(Now, Now, isToBegin))).ConfigureAwait(false);

    private void SetLine(string url, UrlOptions? own, CancellationToken giveUp)
    {
        var item = Transfer.Item;
        item.Text.Set(Encoding.UTF8.GetBytes(url));
        (item.Origin, item.Line, item.Problem, item.Options, item.GiveUp) = ("urls.txt", 7, null, own, giveUp);
    }
}

/// <summary>A slot with one URL.</summary>
internal sealed class ScriptedSlot(Transfer transfer, TransferStart start) : ISlot
{
    public Transfer Transfer => transfer;

    public LoopTask<TransferStart> StartAsync() => new(start);

    public bool Next() => false;
}

/// <summary>Places that may be left or not, as the test says.</summary>
internal sealed class ScriptedPlaces(TimeProvider clock) : IPlaces
{
    /// <summary>Whether a transfer may leave its place.</summary>
    public bool CanPause { get; set; } = true;

    /// <summary>What was done with them: pause, resume, end.</summary>
    public List<string> Calls { get; } = [];

    public bool TryPause()
    {
        Calls.Add(CanPause ? "pause" : "no pause");
        return CanPause;
    }

    public ValueTask ResumeAsync()
    {
        Calls.Add("resume");
        return default;
    }

    public ValueTask WaitForTurnAsync(long deadline) => default;

    public void ResumeToEnd() => Calls.Add("end");

    public PostedReturn ReturnAsync()
    {
        Calls.Add("return");
        return new PostedReturn(action => action());
    }

    public async LoopTask<bool> WaitForAsync(Task elsewhere, long deadline)
    {
        if (deadline == long.MaxValue)
        {
            await elsewhere.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        }

        var late = Task.Delay(Nanoseconds.ToTimeSpan(Math.Max(0, deadline - MonotonicClock.Now(clock))), clock);
        return await Task.WhenAny(elsewhere, late).ConfigureAwait(false) == elsewhere;
    }
}
