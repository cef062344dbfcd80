using Fetcher.Core;

namespace Fetcher.Queue;

/// <summary>Puts a list into a job: batches of each partition, in the order of the list. Again, it adds what is missing.</summary>
/// <param name="store">Where to.</param>
/// <param name="facts">What the job is.</param>
/// <param name="patience">Asks the store.</param>
internal sealed class Enqueuer(ILeaseStore store, JobFacts facts, Patience patience)
{
    /// <summary>Batches on their way at once.</summary>
    private const int MostOnTheWay = 32;

    /// <summary>A list that has nothing for so long is a pipe, whose lines must not wait for a batch to fill.</summary>
    private static readonly TimeSpan Lull = TimeSpan.FromMilliseconds(50);

    private readonly HostPartition _partition = new(facts.Partitions, facts.ByUrl);
    private readonly BatchFormat.Writer?[] _writers = new BatchFormat.Writer?[facts.Partitions];
    private readonly Task[] _last = [.. Enumerable.Repeat(Task.CompletedTask, facts.Partitions)];
    private readonly HashSet<Task> _onTheWay = [];
    private long _count;

    /// <summary>URLs of the list so far.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Reads the list to its end and seals the job.</summary>
    /// <exception cref="IOException">The list cannot be read, the queue is lost, or the job is of another list.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; what is in the job stays there.</exception>
    public async Task RunAsync(IUrlSource list, CancellationToken stop)
    {
        var item = new UrlItem();
        for (var status = list.TryTake(item); status != TakeStatus.End; status = list.TryTake(item))
        {
            stop.ThrowIfCancellationRequested();
            if (status == TakeStatus.Taken)
            {
                await AddAsync(item, stop).ConfigureAwait(false);
                continue;
            }

            var news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            list.NotifyWhenReady(news.SetResult);
            if (await Task.WhenAny(news.Task, Task.Delay(Lull, stop)).ConfigureAwait(false) != news.Task)
            {
                await FlushAsync(stop).ConfigureAwait(false);
                await news.Task.WaitAsync(stop).ConfigureAwait(false);
            }
        }

        stop.ThrowIfCancellationRequested();
        await FlushAsync(stop).ConfigureAwait(false);
        var total = await patience.AskAsync(() => store.SealAsync(Count), stop).ConfigureAwait(false);
        if (total != Count)
        {
            throw new IOException($"the job has {total} URLs, and this list {Count}: it is another list; purge the job, or name another");
        }
    }

    private async Task AddAsync(UrlItem item, CancellationToken stop)
    {
        var partition = _partition.Of(item.Text.Span);
        var writer = _writers[partition] ??= new BatchFormat.Writer(facts.Format);
        writer.Add(item);
        Interlocked.Increment(ref _count);
        if (writer.IsFull)
        {
            await SendAsync(partition, writer.TakeFitting(), stop).ConfigureAwait(false);
        }
    }

    private async Task FlushAsync(CancellationToken stop)
    {
        for (var partition = 0; partition < _writers.Length; partition++)
        {
            if (_writers[partition] is { Count: > 0 } writer)
            {
                await SendAsync(partition, writer.Take(), stop).ConfigureAwait(false);
            }
        }

        await Task.WhenAll(_onTheWay).ConfigureAwait(false);
        _onTheWay.Clear();
    }

    /// <summary>Sends a batch behind the one before of its partition.</summary>
    private async Task SendAsync(int partition, UrlBatch batch, CancellationToken stop)
    {
        while (_onTheWay.Count >= MostOnTheWay)
        {
            var sent = await Task.WhenAny(_onTheWay).ConfigureAwait(false);
            _onTheWay.Remove(sent);
            await sent.ConfigureAwait(false);
        }

        _last[partition] = SendAsync(_last[partition], partition, batch, stop);
        _onTheWay.Add(_last[partition]);
    }

    private async Task SendAsync(Task before, int partition, UrlBatch batch, CancellationToken stop)
    {
        await before.ConfigureAwait(false);
        var last = await patience.AskAsync(() => store.AddAsync(partition, batch), stop).ConfigureAwait(false);
        if (last >= batch.First && last < batch.Last)
        {
            // An earlier try, which was cut short, had put the batches' bounds elsewhere.
            var (writer, item) = (new BatchFormat.Writer(facts.Format), new UrlItem());
            foreach (var url in BatchFormat.Read(batch.First, batch.Packed).Where(url => url.Index > last))
            {
                url.CopyTo(item, CancellationToken.None);
                writer.Add(item);
            }

            var rest = writer.Take();
            await patience.AskAsync(() => store.AddAsync(partition, rest), stop).ConfigureAwait(false);
        }
    }
}
