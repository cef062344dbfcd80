using System.Runtime.CompilerServices;
using Fetcher.Core.Loop.Watching;

namespace Fetcher.Core.Loop;

/// <summary>One turn of the loop: what was posted, one wait for all sockets, whoever may go on, the timers that are due.</summary>
internal sealed partial class EventLoop
{
    private void Turn()
    {
        LentMemory.Overwrite(ReceiveBuffer);
        LentMemory.Overwrite(SendBuffer);
        RunPosted();
        ResumeStillReady();
        if (_done)
        {
            return;
        }

        var timeout = MillisecondsToWait();
        Observer?.BeginWait(timeout);
        var asked = RecentTimestamp;
        var count = _poller.Wait(_events, timeout);
        _looks.Note(asked, timeout, GetTimestamp(), count, _sockets.Places);
        if (Observer is not null)
        {
            Watch(Observer, _events.AsSpan(0, count));
        }

        foreach (ref readonly var happened in _events.AsSpan(0, count))
        {
            if (happened.Token == WakeToken)
            {
                ClearWakeUp();
            }
            else if (_sockets.Find(happened.Token) is { } socket)
            {
                Tell(socket, happened.Ready, happened.PeerClosed);
            }
        }

        FireTimers();
        OnTurnEnd?.Invoke();
    }

    private void Watch(LoopObserver observer, ReadOnlySpan<PollEvent> events)
    {
        observer.EndWait(events.Length);
        if (observer.IsLate)
        {
            foreach (ref readonly var happened in events)
            {
                if (happened.Token != WakeToken)
                {
                    _sockets.Find(happened.Token)?.NoteReady(observer, happened.Ready);
                }
            }
        }
    }

    private void RunPosted()
    {
        // Only what stands here now: what these actions post has its turn after the sockets.
        for (var left = _posts.Count; left > 0 && _posts.TryTake(out var action); left--)
        {
            action();
            Observer?.Rest();
        }
    }

    private void ResumeStillReady()
    {
        for (var left = _stillReady.Count; left > 0; left--)
        {
            var socket = _stillReady.Dequeue();
            socket.OnTurn();
            ArmIfKnown(socket);
        }
    }

    /// <summary>Lets whoever waits for the socket go on, then tells the poller what is wanted next.</summary>
    private void Tell(LoopSocket socket, Interest ready, bool peerClosed)
    {
        socket.OnEvent(ready, peerClosed);
        ArmIfKnown(socket);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ArmIfKnown(LoopSocket socket)
    {
        if (_sockets.Find(socket.Token) == socket)
        {
            _poller.Arm(socket.Number, socket.Token, socket.Wanted);
        }
    }

    private int MillisecondsToWait()
    {
        if (_stillReady.Count > 0 || !_posts.IsEmpty)
        {
            return 0;
        }

        var due = _timers.Next;
        if (due == LoopTimer.Never)
        {
            return -1;
        }

        // Rounded up: a wait that ends a little early would only have to begin again.
        var left = due - GetTimestamp();
        return left <= 0 ? 0 : (int)Math.Min(int.MaxValue, (left + 999_999) / 1_000_000);
    }

    private void ClearWakeUp()
    {
        if (_posts.TryClear())
        {
            _poller.Arm(_posts.Number, WakeToken, Interest.Read);
        }
    }

    /// <summary>What came in time goes before the deadline, also when the loop's thread, or the whole process, stood still meanwhile.</summary>
    private void FireTimers()
    {
        while (_timers.TakeDue(_looks.SeenTo) is { } timer)
        {
            timer.Fire();
            Observer?.Rest();
        }
    }
}
