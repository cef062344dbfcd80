using System.Runtime.CompilerServices;

namespace Fetcher.Core.Loop;

/// <summary>Awaited, goes on where an executor runs what is posted to it: on a loop's own thread.</summary>
/// <param name="post">Posts to the executor.</param>
internal readonly struct PostedReturn(Action<Action> post) : ICriticalNotifyCompletion
{
    public bool IsCompleted => false;

    public PostedReturn GetAwaiter() => this;

    public void GetResult()
    {
        // There is none.
    }

    public void OnCompleted(Action continuation) => post(continuation);

    public void UnsafeOnCompleted(Action continuation) => post(continuation);
}
