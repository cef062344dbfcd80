namespace Fetcher.Core.Loop;

/// <summary>One parked continuation, used again and again: true when what it waits for has come, false when its time was over first.</summary>
internal sealed class Waiter : LoopPromise<bool>
{
    /// <summary>Somebody waits.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>When what it waits for was there, on the loop's clock in nanoseconds; for those who watch.</summary>
    public long ReadyAt { get; set; }

    /// <summary>Parks the caller.</summary>
    public LoopTask<bool> Start()
    {
        if (IsWaiting)
        {
            throw new InvalidOperationException("Two waits for one direction of one socket.");
        }

        IsWaiting = true;
        return new LoopTask<bool>(this);
    }

    /// <summary>Lets the caller go on, with <paramref name="ready"/> false when its time was over.</summary>
    public void Complete(bool ready)
    {
        IsWaiting = false;
        SetResult(ready);
    }

    /// <summary>Lets the caller go on with an exception.</summary>
    public void Fail(Exception exception)
    {
        IsWaiting = false;
        SetException(exception);
    }
}
