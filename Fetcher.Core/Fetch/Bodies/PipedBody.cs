using System.Buffers;
using System.IO.Pipelines;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Fetch.Bodies;

/// <summary>
/// Hands a body to the user's code as a stream. That code runs on .NET's thread pool, never on a loop's thread; between the two is a pipe, and when it is
/// full the transfer stops reading.
/// </summary>
internal sealed class PipedBody(BodyReader reader, BodyTargets targets, WaitElsewhere wait) : IBodyTarget
{
    private static readonly PipeOptions Options = new(useSynchronizationContext: false);

    private PipeWriter? _writer;
    private Task _reading = Task.CompletedTask;
    private CancellationTokenSource? _over;
    private long _deadline;

    public bool MustDrain => _writer is { UnflushedBytes: > 0 };

    public void Begin(FetchResult result, long? length, long deadline, CancellationToken giveUp)
    {
        var pipe = new Pipe(Options);
        var body = new FetchBody(result, length, pipe.Reader.AsStream());
        _writer = pipe.Writer;
        _deadline = deadline;
        _over = CancellationTokenSource.CreateLinkedTokenSource(targets.Stop, giveUp);
        var over = _over.Token;
        _reading = Task.Run(() => ReadAsync(body, over), CancellationToken.None);
    }

    public void Write(ReadOnlySpan<byte> run) => _writer?.Write(run);

    public async ValueTask DrainAsync()
    {
        var flushing = _writer!.FlushAsync().AsTask();
        await WaitAsync(flushing).ConfigureAwait(false);
        if ((await flushing.ConfigureAwait(false)).IsCompleted)
        {
            // The reader has seen enough. Why will be asked at the end; a failure is not worth the rest of the body.
            _writer = null;
            if (_reading.IsFaulted)
            {
                throw Failure(_reading.Exception!.InnerException!);
            }
        }
    }

    public async ValueTask EndAsync(FetchResult result, bool isWhole)
    {
        var isTaken = false;
        try
        {
            if (_writer is { } writer)
            {
                await writer.CompleteAsync(isWhole ? null : new IOException("the body broke off")).ConfigureAwait(false);
            }

            await WaitAsync(_reading).ConfigureAwait(false);
            isTaken = true;
            if (isWhole && !_reading.IsCompletedSuccessfully)
            {
                throw Failure(_reading.Exception?.InnerException ?? new OperationCanceledException());
            }
        }
        finally
        {
            if (!isTaken)
            {
                targets.Abandon(_reading);
                await _over!.CancelAsync().ConfigureAwait(false);
            }

            _over?.Dispose();
            _writer = null;
            _over = null;
            _reading = Task.CompletedTask;
        }
    }

    private static FetchException Failure(Exception e) =>
        Failures.ReaderFailed.Of(e.GetType().Name, e.Message.TrimEnd('.')).Thrown(e);

    private async Task ReadAsync(FetchBody body, CancellationToken over)
    {
        // Whoever has the stream beyond this reads what came, and no more of it.
        await using var content = body.Content.ConfigureAwait(false);
        await reader(body, over).ConfigureAwait(false);
    }

    private async ValueTask WaitAsync(Task work)
    {
        if (!await wait(work, _deadline).ConfigureAwait(false))
        {
            throw Failures.ReaderSlow.Of().Thrown();
        }
    }
}
