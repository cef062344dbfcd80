using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Fetcher.Core.Http;

namespace Fetcher.Core.Client;

/// <summary>The user's requests as the source of a run: they are asked for on the thread pool, a few ahead of need.</summary>
internal sealed class RequestFeed : IUrlSource
{
    private readonly Channel<FetchRequest> _ahead;
    private readonly Task _reading;
    private Exception? _error;
    private bool _isCutShort;
    private long _taken;

    /// <param name="requests">The requests.</param>
    /// <param name="ahead">How many are asked for ahead of need.</param>
    /// <param name="stop">Cancelled when no more are wanted.</param>
    public RequestFeed(IAsyncEnumerable<FetchRequest> requests, int ahead, CancellationToken stop)
    {
        _ahead = Channel.CreateBounded<FetchRequest>(ahead);
        _reading = Task.Run(() => ReadAsync(requests, stop), CancellationToken.None);
    }

    public long? Total => null;

    /// <summary>Whether a sequence that threw, or was given up, is told from one that ended: its taker then gets what it threw.</summary>
    public bool FailsAtEnd { get; set; }

    /// <summary>Fills <paramref name="item"/>, except for its index, with a request.</summary>
    public static void Fill(UrlItem item, FetchRequest request)
    {
        item.Text.Set(request.Url.Trim());
        (item.Origin, item.Line) = ("", 0);
        item.Problem = request.Headers.Select(FieldCheck.WhyNot).FirstOrDefault(reason => reason is not null);
        item.Options = request;
        item.GiveUp = default;
    }

    public TakeStatus TryTake(UrlItem item)
    {
        // Asked before the read: what comes last comes before the end.
        var isOver = _ahead.Reader.Completion.IsCompleted;
        if (!_ahead.Reader.TryRead(out var request))
        {
            if (isOver && FailsAtEnd && (_isCutShort || _error is not null))
            {
                ExceptionDispatchInfo.Throw(_error ?? new OperationCanceledException());
            }

            return isOver ? TakeStatus.End : TakeStatus.Empty;
        }

        item.Index = Interlocked.Increment(ref _taken) - 1;
        Fill(item, request);
        return TakeStatus.Taken;
    }

    public void NotifyWhenReady(Action ready) =>
        _ahead.Reader.WaitToReadAsync().AsTask().ContinueWith(_ => ready(), TaskScheduler.Default);

    /// <summary>Waits until the user's requests have been left alone, and throws what they threw.</summary>
    public async Task EndAsync()
    {
        await _reading.ConfigureAwait(false);
        if (_error is not null)
        {
            ExceptionDispatchInfo.Throw(_error);
        }
    }

    private async Task ReadAsync(IAsyncEnumerable<FetchRequest> requests, CancellationToken stop)
    {
        try
        {
            await foreach (var request in requests.WithCancellation(stop).ConfigureAwait(false))
            {
                await _ahead.Writer.WriteAsync(request, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The normal end of what is not wanted any more.
            _isCutShort = true;
        }
        catch (Exception e)
        {
            _error = e;
        }
        finally
        {
            _ahead.Writer.Complete();
        }
    }
}
