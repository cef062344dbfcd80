using System.Text;
using Fetcher.Core;
using Fetcher.Core.Hosts;
using Fetcher.Core.Http;
using Fetcher.Core.Interop;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Hosts;

/// <summary>A list in memory as <see cref="HostScheduler"/> sees it. It ends, unless it stays open.</summary>
internal sealed class HostList(IEnumerable<string> lines) : IWork
{
    private readonly Queue<string> _lines = new(lines);
    private Action? _ready;
    private Action? _room;

    public long? Total => null;

    public int MostAhead { get; init; } = 1000;

    public bool HasRoom { get; set; } = true;

    /// <summary>Whether more lines may come.</summary>
    public bool StaysOpen { get; set; }

    /// <summary>Lines read so far.</summary>
    public int Taken { get; private set; }

    /// <summary>Whether somebody waits for a line, or for room.</summary>
    public bool IsWaitedFor => _ready is not null || _room is not null;

    public TakeStatus TryTake(UrlItem item)
    {
        if (!_lines.TryDequeue(out var line))
        {
            return StaysOpen ? TakeStatus.Empty : TakeStatus.End;
        }

        item.Text.Set(Encoding.UTF8.GetBytes(line));
        item.Index = Taken++;
        return TakeStatus.Taken;
    }

    public void NotifyWhenReady(Action ready) => _ready = ready;

    public void NotifyWhenRoom(Action ready) => _room = ready;

    public void Complete(UrlItem item, FetchResult result) => throw new NotSupportedException("no results come of a scheduler");

    public bool TryRelease(UrlItem item) => throw new NotSupportedException("whoever takes what is left gives it back");

    /// <summary>A line comes.</summary>
    public void Add(string line)
    {
        _lines.Enqueue(line);
        Call();
    }

    /// <summary>Tells whoever waits that there is news.</summary>
    public void Call()
    {
        var (ready, room) = (_ready, _room);
        (_ready, _room) = (null, null);
        ready?.Invoke();
        room?.Invoke();
    }
}

/// <summary>A scheduler over a list, on fake time, and slots that take from it.</summary>
internal sealed class HostRun
{
    public HostRun(FetchOptions options, params string[] lines)
        : this(options, new HostList(lines))
    {
    }

    public HostRun(FetchOptions options, HostList list)
    {
        List = list;
        Table = new HostTable(Clock);
        Scheduler = new HostScheduler(options, Table, list, list.TryTake, Clock);
    }

    public FakeTimeProvider Clock { get; } = new();

    public HostList List { get; }

    public HostTable Table { get; }

    public HostScheduler Scheduler { get; }

    public long Now => MonotonicClock.Now(Clock);

    /// <summary>A free slot tries to take a line.</summary>
    public HostSlot Take() => new HostSlot(this).TakeNext();

    /// <summary>A request comes and is taken up and written, if it may.</summary>
    /// <returns>How long it has to wait first, in nanoseconds.</returns>
    public long Request(string url)
    {
        var parsed = new HttpUrl();
        parsed.TryParse(Encoding.ASCII.GetBytes(url), out _).ShouldBeTrue();
        var wait = Scheduler.Enter(parsed) - Now;
        return wait > 0 ? wait
            : (Scheduler.Pass(parsed, RequestStep.Begin) ?? Scheduler.Pass(parsed, RequestStep.Write) ?? Now) - Now;
    }

    /// <summary>As many slots take as there is something for; what they took.</summary>
    public string TakeAll()
    {
        var taken = new List<string>();
        while (Take() is { Line: { } line })
        {
            taken.Add(line);
        }

        return string.Join(' ', taken);
    }
}

/// <summary>One transfer after the other.</summary>
internal sealed class HostSlot(HostRun run)
{
    private UrlItem _item = new();

    public HostPlace Place { get; } = new();

    public TakeStatus Status { get; private set; }

    public long Due { get; private set; }

    /// <summary>The line that was taken, without its scheme, or null.</summary>
    public string? Line => Status == TakeStatus.Taken ? _item.Text.ToString().Replace("http://", "", StringComparison.Ordinal) : null;

    public HostSlot TakeNext()
    {
        var turn = run.Scheduler.TryTake(_item, Place);
        (Status, Due, _item) = (turn.Status, turn.Due, turn.Item ?? _item);
        return this;
    }

    public void Leave(bool wentWell = true) => run.Scheduler.Leave(Place, wentWell);
}
