namespace Fetcher.Core.Loop;

/// <summary>A wait that one party can be in, used again and again. Its result is true when what was waited for has come, false at a timeout.</summary>
/// <param name="isOfLoop">Whether it begins and ends on the loop's thread, whatever happens.</param>
internal class Waiter(bool isOfLoop = false) : LoopPromise<bool>(isOfLoop)
{
    /// <summary>Whether somebody is waiting.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>When what was waited for was there, on the loop's clock in nanoseconds. Only used by watched runs.</summary>
    public long ReadyAt { get; set; }

    /// <summary>Where it stands among those that are to end with the run, while it is one of them.</summary>
    public int Place { get; set; }

    /// <summary>Begins a wait.</summary>
    /// <exception cref="InvalidOperationException">Somebody is waiting already.</exception>
    public LoopTask<bool> Start()
    {
        if (IsWaiting)
        {
            throw new InvalidOperationException("Two waits for one direction of one socket.");
        }

        IsWaiting = true;
        return new LoopTask<bool>(this);
    }

    /// <summary>Ends the wait; the continuation runs within this call. <paramref name="ready"/> is false at a timeout.</summary>
    public void Complete(bool ready)
    {
        IsWaiting = false;
        SetResult(ready);
    }

    /// <summary>Ends the wait with an exception.</summary>
    public void Fail(Exception exception)
    {
        IsWaiting = false;
        SetException(exception);
    }
}
