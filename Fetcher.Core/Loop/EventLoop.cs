using System.Diagnostics;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop.Watching;

namespace Fetcher.Core.Loop;

/// <summary>
/// One thread that waits for many sockets at once. Whoever has to wait parks its continuation here; the poller says who may go on, and the
/// loop runs the continuation on its own thread until it waits again. Nothing that runs on the loop's thread may block, or everybody waits.
/// </summary>
internal sealed partial class EventLoop : IReadiness, IExecutor, IDisposable
{
    private const int EventsPerTurn = 256;
    private const ulong WakeToken = 0;
    private const int MillisecondsBetweenInterrupts = 20;

    private readonly IPoller _poller;
    private readonly TimeProvider _clock;
    private readonly PostQueue _posts = new();
    private readonly TimerQueue _timers = new();
    private readonly SocketTable<LoopSocket> _sockets = new();
    private readonly PollEvent[] _events = new PollEvent[EventsPerTurn];
    private readonly ParkedWaits _waits;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Queue<LoopSocket> _stillReady = new();
    private readonly Looks _looks = new(EventsPerTurn);
    private volatile bool _stopAsked;
    private volatile LoopSocket? _blockedIn;
    private Timer? _interrupts;
    private Thread? _thread;
    private bool _done;

    /// <param name="poller">How the loop waits. Disposed with the loop.</param>
    /// <param name="clock">The clock of timers and deadlines.</param>
    /// <param name="number">Which of the run's loops this is, from 0.</param>
    public EventLoop(IPoller poller, TimeProvider? clock = null, int number = 0)
    {
        _poller = poller;
        _clock = clock ?? TimeProvider.System;
        Number = number;
        RecentTimestamp = MonotonicClock.Now(_clock);
        TimeProvider = new LoopTimeProvider(this, _clock);
        _waits = new ParkedWaits(this);
        _poller.Add(_posts.Number, WakeToken);
        _poller.Arm(_posts.Number, WakeToken, Interest.Read);
    }

    /// <summary>Which of the run's loops this is, from 0.</summary>
    public int Number { get; }

    /// <summary>The loop's observer, in a watched run (<c>--stalls</c>); else null.</summary>
    public LoopObserver? Observer { get; set; }

    /// <summary>Where the loop's thread counts the time that it stands in blocking receive calls.</summary>
    public BlockedReads BlockedReads { get; set; } = new();

    /// <summary>Called at the end of each turn, before the loop waits again; must not throw.</summary>
    public Action? OnTurnEnd { get; set; }

    /// <summary>The loop's clock, whose timers fire on the loop's thread.</summary>
    public TimeProvider TimeProvider { get; }

    /// <summary>
    /// Where bytes are received. Everybody on the loop shares it, so what is in it is lent: valid until the next await. That is why ten
    /// thousand waiting transfers need no buffer each.
    /// </summary>
    public byte[] ReceiveBuffer { get; } = GC.AllocateUninitializedArray<byte>(128 * 1024, pinned: true);

    /// <summary>Where requests are written before they are sent; lent like <see cref="ReceiveBuffer"/>.</summary>
    public byte[] SendBuffer { get; } = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);

    /// <summary>Whether the run is being stopped: every wait ends with <see cref="OperationCanceledException"/>.</summary>
    public bool IsStopping => _stopAsked;

    /// <summary>The socket in whose blocking calls the loop's thread may be standing; a stop shuts it down, which ends them.</summary>
    public LoopSocket? BlockedIn
    {
        get => _blockedIn;
        set => _blockedIn = value;
    }

    /// <summary>Cancelled, on the loop's thread, when the run is being stopped.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Now, in nanoseconds of the monotonic clock.</summary>
    public long GetTimestamp() => RecentTimestamp = MonotonicClock.Now(_clock);

    /// <summary>The time at the last look at the clock, in this turn of the loop: good enough for a time limit, and free.</summary>
    public long RecentTimestamp { get; private set; }

    /// <summary>Runs on the calling thread, which becomes the loop's, until <paramref name="main"/> has ended.</summary>
    public void Run(Func<Task> main)
    {
        _thread = Thread.CurrentThread;

        // Nothing here uses an AsyncLocal. Without a context to flow, a continuation is a plain call (bench/NOTES.md).
        using var noFlow = ExecutionContext.SuppressFlow();
        var task = main();
        _ = task.ContinueWith(
            (_, loop) => ((EventLoop)loop!).Post(() => ((EventLoop)loop)._done = true),
            this,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        while (!_done)
        {
            Turn();
        }

        task.GetAwaiter().GetResult();
    }

    public void Start(Action work) => work();

    /// <summary>Has the loop's thread call <paramref name="action"/>; for nothing once the loop has ended. Safe from any thread.</summary>
    public void Post(Action action) => _posts.Post(action);

    /// <summary>Ends every wait, now and from now on. Called once, on any thread.</summary>
    public void Stop()
    {
        _stopAsked = true;
        Post(() =>
        {
            _stopping.Cancel();
            foreach (var socket in _sockets.All)
            {
                socket.Cancel();
            }

            _waits.Cancel();
        });

        // Again and again, since the thread may just be on its way into the call.
        _interrupts = new Timer(_ => _blockedIn?.Interrupt(), null, 0, MillisecondsBetweenInterrupts);
    }

    public void ThrowIfStopping()
    {
        if (IsStopping)
        {
            throw new OperationCanceledException();
        }
    }

    public void Prepare(LoopSocket socket, Interest interest, long deadline) => socket.SetBlocking(false);

    public LoopTask<bool> WaitAsync(LoopSocket socket, Interest interest, long deadline)
    {
        AssertOnThread();
        ThrowIfStopping();
        Watch(socket);
        var wait = socket.WaitAsync(interest, deadline);
        _poller.Arm(socket.Number, socket.Token, socket.Wanted);
        return wait;
    }

    public void Idle(LoopSocket socket)
    {
        Watch(socket);
        socket.IsIdle = true;
        _poller.Arm(socket.Number, socket.Token, socket.Wanted);
    }

    /// <summary>Waits on the loop for work that runs elsewhere, and comes back on the loop's thread.</summary>
    /// <returns>False when the deadline passed first; the work goes on unobserved.</returns>
    /// <exception cref="OperationCanceledException">The run is being stopped.</exception>
    public LoopTask<bool> WaitForAsync(Task elsewhere, long deadline) =>
        elsewhere.IsCompleted ? new LoopTask<bool>(true) : _waits.ForAsync(elsewhere, deadline);

    public LoopTask<bool> WaitForAsync(LoopPromise<Nothing> elsewhere, long deadline) =>
        elsewhere.IsSettled ? new LoopTask<bool>(true) : _waits.ForAsync(elsewhere, deadline);

    /// <summary>Waits until <paramref name="moment"/>, on the loop's clock in nanoseconds; does not wait for one that has passed.</summary>
    /// <param name="moment">When to go on.</param>
    /// <param name="giveUp">Cancelled, on the loop's thread, when the wait is of no use any more.</param>
    /// <exception cref="OperationCanceledException">The run is being stopped, or the wait was given up.</exception>
    public ValueTask DelayUntilAsync(long moment, CancellationToken giveUp = default) => _waits.UntilAsync(moment, giveUp);

    public ValueTask GiveWayAsync() => _waits.NextTurnAsync();

    /// <summary>Whether a descriptor of this number can be waited for.</summary>
    public bool CanWatch(int fd) => _poller.CanWatch(fd);

    /// <inheritdoc cref="IPoller.TellsFailure"/>
    public bool TellsFailure => _poller.TellsFailure;

    /// <summary>Something was waited for so long, in nanoseconds, that has just come over <paramref name="socket"/>, which many share.</summary>
    public void NoteWait(LoopSocket socket, long waited) => _poller.NoteWait(socket.Token, waited);

    /// <summary>So many bytes of a body have come over a socket that many share, and the server sends more by itself; or 0, when an answer may come next.</summary>
    public void NoteFlow(int bytes) => _poller.NoteFlow(bytes);

    /// <summary>A timer that calls <paramref name="onDue"/>, once it is set.</summary>
    public LoopTimer RentTimer(Action onDue) => _timers.Rent(onDue);

    /// <summary>Stops and takes back a rented timer.</summary>
    public void Return(LoopTimer timer) => _timers.Return(timer);

    /// <summary>Throws when called on any other thread than the loop's.</summary>
    [Conditional("DEBUG")]
    public void AssertOnThread()
    {
        if (_thread is not null && _thread != Thread.CurrentThread)
        {
            throw new InvalidOperationException("The loop was used from another thread.");
        }
    }

    public void Dispose()
    {
        _interrupts?.Dispose();
        _poller.Dispose();
        _posts.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Tells <paramref name="socket"/> in the next turn that it is still readable.</summary>
    internal void ReadyNextTurn(LoopSocket socket) => _stillReady.Enqueue(socket);

    /// <summary>Takes <paramref name="socket"/> out of the loop's table, before it is closed.</summary>
    internal void Forget(LoopSocket socket)
    {
        AssertOnThread();
        if (socket.Token != 0)
        {
            _poller.Remove(socket.Number);
            _sockets.Remove(socket.Token);
        }
    }

    /// <summary>Gives <paramref name="socket"/> its token, if it has none yet, and has the poller watch it.</summary>
    /// <exception cref="IOException">The kernel, or the poller's own limit, refuses one more descriptor.</exception>
    internal void Watch(LoopSocket socket)
    {
        if (socket.Token == 0)
        {
            var token = _sockets.Add(socket);
            try
            {
                _poller.Add(socket.Number, token);
            }
            catch (IOException)
            {
                _sockets.Remove(token);
                throw;
            }

            socket.Token = token;
        }
    }
}
