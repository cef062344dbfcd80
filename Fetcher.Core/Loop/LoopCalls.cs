namespace Fetcher.Core.Loop;

/// <summary>
/// The calls that one caller makes of one method, one after the other, where the method is a loop: it waits for a call, serves it, and waits for the next. Its
/// state stays where it is then, which a method for each call would have made, copied and cleared each time (bench/NOTES.md).
/// </summary>
/// <typeparam name="T">What a call gives.</typeparam>
/// <param name="isOfLoop">Whether caller and method run on the thread of a loop.</param>
internal sealed class LoopCalls<T>(bool isOfLoop) : LoopPromise<T>(isOfLoop)
{
    private readonly Start _start = new(isOfLoop);

    /// <summary>Makes a call: the method goes on with it, up to its next wait. The one before has been awaited.</summary>
    public LoopTask<T> CallAsync()
    {
        _start.SetResult(default);
        return new LoopTask<T>(this);
    }

    /// <summary>Waits, in the method, for the next call, which ends with <see cref="LoopPromise{T}.SetResult"/>: whoever made it goes on within that.</summary>
    public LoopTask NextAsync() => new(_start);

    private sealed class Start(bool isOfLoop) : LoopPromise<Nothing>(isOfLoop);
}
