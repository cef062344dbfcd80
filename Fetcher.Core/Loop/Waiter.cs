using System.Threading.Tasks.Sources;

namespace Fetcher.Core.Loop;

/// <summary>
/// One parked continuation, used again and again. Completing it runs the continuation at once, on the completing thread: that is what keeps
/// everything on the loop's thread.
/// </summary>
internal sealed class Waiter : IValueTaskSource<bool>
{
    private ManualResetValueTaskSourceCore<bool> _source;

    /// <summary>Somebody waits.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>Which wait this is: the token that its ValueTask hands to this source.</summary>
    public short Version => _source.Version;

    /// <summary>Parks the caller.</summary>
    public ValueTask<bool> Start()
    {
        if (IsWaiting)
        {
            throw new InvalidOperationException("Two waits for one direction of one socket.");
        }

        IsWaiting = true;
        _source.Reset();
        return new ValueTask<bool>(this, _source.Version);
    }

    /// <summary>Lets the caller go on, with <paramref name="ready"/> false when its time was over.</summary>
    public void Complete(bool ready)
    {
        IsWaiting = false;
        _source.SetResult(ready);
    }

    /// <summary>Lets the caller go on with an exception.</summary>
    public void Fail(Exception exception)
    {
        IsWaiting = false;
        _source.SetException(exception);
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
