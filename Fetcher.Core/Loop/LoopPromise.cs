using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Fetcher.Core.Loop;

/// <summary>What goes on when a <see cref="LoopPromise{T}"/> is settled: an object that is there anyway, in place of a delegate for each.</summary>
internal abstract class LoopContinuation
{
    /// <summary>Stands where the continuation of a promise does, once that is settled.</summary>
    public static readonly LoopContinuation Settled = new SettledMark();

    public virtual void GoOn() => throw new InvalidOperationException("It waits for nothing.");

    private sealed class SettledMark : LoopContinuation
    {
        public override void GoOn() => throw new InvalidOperationException("Settled twice.");
    }
}

/// <summary>
/// A result that will come, awaited by one party, once, through a <see cref="LoopTask{T}"/>. Settling it runs the awaiter's continuation at
/// once, on the settling thread: that is what keeps everything on the loop's thread. Afterwards it can be used again.
/// </summary>
/// <param name="isOfLoop">Whether it is awaited and settled on one thread, that of a loop, and need not reckon with another.</param>
internal abstract class LoopPromise<T>(bool isOfLoop = false) : LoopContinuation
{
    // An Action, a LoopContinuation, or Settled.
    private object? _continuation;
    private ExceptionDispatchInfo? _error;
    private T _result = default!;
#if DEBUG
    private Thread? _awaitedOn;
#endif

    /// <summary>Whether there is a result or an exception.</summary>
    public bool IsSettled => ReferenceEquals(Volatile.Read(ref _continuation), Settled);

    /// <summary>Sets the continuation, which runs when this is settled; at once when it is settled already.</summary>
    public void OnSettled(Action continuation) => Set(continuation);

    /// <inheritdoc cref="OnSettled(Action)"/>
    public void OnSettled(LoopContinuation continuation) => Set(continuation);

    private void Set(object continuation)
    {
#if DEBUG
        _awaitedOn = Thread.CurrentThread;
#endif

        var before = Put(continuation);
        if (ReferenceEquals(before, Settled))
        {
            Run(continuation);
        }
        else if (before is not null)
        {
            throw new InvalidOperationException("Two await the same result.");
        }
    }

    /// <summary>Gives the result or throws the exception, and resets this for its next use.</summary>
    public T TakeResult()
    {
        var (result, error) = (_result, _error);
        (_result, _error, _continuation) = (default!, null, null);
        OnTaken();
        error?.Throw();
        return result;
    }

    public void SetResult(T result)
    {
        _result = result;
        Settle();
    }

    public void SetException(Exception exception)
    {
        _error = ExceptionDispatchInfo.Capture(exception);
        Settle();
    }

    /// <summary>Called when the result has been taken and this may be used again.</summary>
    protected virtual void OnTaken()
    {
    }

    private void Settle()
    {
#if DEBUG
        if (isOfLoop && _continuation is not null && _awaitedOn != Thread.CurrentThread)
        {
            throw new InvalidOperationException("What is of a loop was settled on another thread.");
        }
#endif

        var continuation = Volatile.Read(ref _continuation) ?? Put(Settled);
        if (continuation is not null)
        {
            // Whoever waits has said so before: nobody else writes here any more.
            _continuation = Settled;
            Run(continuation);
        }
    }

    /// <summary>Puts a continuation where none stands, and gives what stands there else.</summary>
    private object? Put(object continuation)
    {
        // A loop's own continuations never race, but those of .NET's client come from the thread pool.
        if (!isOfLoop)
        {
            return Interlocked.CompareExchange(ref _continuation, continuation, null);
        }

        var before = _continuation;
        if (before is null)
        {
            _continuation = continuation;
        }

        return before;
    }

    private static void Run(object continuation)
    {
        if (continuation is Action action)
        {
            action();
        }
        else
        {
            Unsafe.As<LoopContinuation>(continuation).GoOn();
        }
    }
}
