using Fetcher.Core.Loop;

namespace Fetcher.Core.Saving;

/// <summary>
/// Something to do with a file behind the bytes that were put in before it, on the thread of a writer: settled there when it has been done. It can be used
/// again once its result has been taken.
/// </summary>
/// <param name="action">What to do.</param>
/// <param name="endsBody">Whether it comes behind the last byte of the body.</param>
internal sealed class WriteCommand(Action action, bool endsBody = false) : LoopPromise<Nothing>
{
    private volatile bool _isGivenUp;

    /// <summary>Whether it comes behind the last byte of the body.</summary>
    public bool EndsBody => endsBody;

    /// <summary>Whoever asked for it waits no longer: unless it has begun, it is not done.</summary>
    public void GiveUp() => _isGivenUp = true;

    /// <summary>Does it. A failure is thrown where the result is taken; one of the disk is a <see cref="FetchException"/>.</summary>
    public void Run()
    {
        try
        {
            if (_isGivenUp)
            {
                throw Failures.DiskSlow.Of().Thrown();
            }

            action();
        }
        catch (Exception e)
        {
            SetException(WriteQueue.IsOfDisk(e) ? WriteQueue.Failure(e) : e);
            return;
        }

        SetResult(default);
    }
}
