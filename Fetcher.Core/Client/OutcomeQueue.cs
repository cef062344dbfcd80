using System.Threading.Channels;

namespace Fetcher.Core.Client;

/// <summary>The results of a run on their way to the user, as copies that stay. Whoever reads them slowly slows the run down.</summary>
/// <param name="room">How many may wait before no new transfer begins.</param>
/// <param name="onOutcome">Is told of each, or null.</param>
internal sealed class OutcomeQueue(int room, Action<FetchOutcome>? onOutcome = null) : IResultSink
{
    private readonly Channel<FetchOutcome> _outcomes = Channel.CreateUnbounded<FetchOutcome>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _gate = new();
    private List<Action> _waiting = [];
    private int _unread;

    public bool HasRoom => Volatile.Read(ref _unread) < room;

    public void Add(FetchResult result)
    {
        Interlocked.Increment(ref _unread);
        var outcome = new FetchOutcome(result);
        onOutcome?.Invoke(outcome);
        _outcomes.Writer.TryWrite(outcome);
    }

    public void NotifyWhenRoom(Action ready)
    {
        lock (_gate)
        {
            if (!HasRoom)
            {
                _waiting.Add(ready);
                return;
            }
        }

        ready();
    }

    /// <summary>No result comes any more.</summary>
    /// <param name="error">What the run failed with, or null.</param>
    public void End(Exception? error) => _outcomes.Writer.Complete(error);

    /// <summary>The results, as they come.</summary>
    public async IAsyncEnumerable<FetchOutcome> ReadAllAsync()
    {
        await foreach (var outcome in _outcomes.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            NoteRead();
            yield return outcome;
        }
    }

    private void NoteRead()
    {
        var waiting = new List<Action>();
        lock (_gate)
        {
            Interlocked.Decrement(ref _unread);
            if (HasRoom)
            {
                (waiting, _waiting) = (_waiting, waiting);
            }
        }

        waiting.ForEach(ready => ready());
    }
}
