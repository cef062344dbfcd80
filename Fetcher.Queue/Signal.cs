namespace Fetcher.Queue;

/// <summary>Wakes one who waits, now or as soon as somebody does.</summary>
internal sealed class Signal(TimeProvider clock)
{
    private TaskCompletionSource _set = New();

    public void Set() => Volatile.Read(ref _set).TrySetResult();

    /// <summary>Waits until it is set, for so long at most.</summary>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task WaitAsync(TimeSpan time, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAny(_set.Task, Task.Delay(time, clock, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        if (_set.Task.IsCompleted)
        {
            _set = New();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
