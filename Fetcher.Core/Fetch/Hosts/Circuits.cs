using System.Collections.Concurrent;
using Fetcher.Core.Net;

namespace Fetcher.Core.Fetch.Hosts;

/// <summary>
/// The circuits of the hosts that fail, over all loops. A host that is dead is asked only so often; then its URLs fail at once until it is
/// tried again. While no host fails there are none, and nothing is counted.
/// </summary>
internal sealed class Circuits(FetchOptions options, TimeProvider clock)
{
    /// <summary>A list of a million dead hosts must not leave a million circuits behind. Forgotten ones count anew.</summary>
    private const int Most = 4096;

    private readonly ConcurrentDictionary<byte[], HostCircuit> _circuits = new(Utf8Comparer.Instance);
    private volatile bool _isQuiet = true;

    /// <summary>Whether no host fails.</summary>
    public bool IsQuiet => _isQuiet;

    /// <summary>The circuit of <paramref name="origin"/>, or null when nothing is held against it.</summary>
    public HostCircuit? Find(ReadOnlySpan<byte> origin) =>
        !_isQuiet && _circuits.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(origin, out var circuit) ? circuit : null;

    /// <summary>The host has answered.</summary>
    public void Close(ReadOnlySpan<byte> origin)
    {
        if (!_isQuiet && _circuits.GetAlternateLookup<ReadOnlySpan<byte>>().TryRemove(origin, out _))
        {
            _isQuiet = _circuits.IsEmpty;
        }
    }

    /// <summary>Draws conclusions about the host that was asked last from how an attempt ended.</summary>
    public async ValueTask NoteAsync(Transfer transfer, FetchError? error)
    {
        if (options.CircuitFailures == 0 || transfer.IsRefused)
        {
            return;
        }

        if (error is null || !IsOfHost(transfer, error))
        {
            if (transfer.IsAnswered)
            {
                Close(transfer.Current.Origin);
            }
        }
        else if (!transfer.PassedCircuit && Nanoseconds.Now(clock) < transfer.Deadline)
        {
            if (_circuits.Count >= Most)
            {
                _circuits.Clear();
            }

            var origin = transfer.Current.Origin.ToArray();
            var circuit = _circuits.GetOrAdd(origin, origin => new HostCircuit(origin, options, clock));
            _isQuiet = false;
            await circuit.NoteAsync(error).ConfigureAwait(false);
        }
    }

    /// <summary>What a request that has just ended says against its host; null when nothing.</summary>
    public static FetchError? FailureOf(Transfer transfer, Exception? thrown)
    {
        var error = thrown switch
        {
            null when transfer.IsAnswered => Failures.OfStatus(transfer.Result.Status),
            FetchException e => e.Error,
            IOException { InnerException: FetchException e } => e.Error,
            IOException { InnerException: not OperationCanceledException } => Failures.Broken.Of("it ended early"),
            _ => null,
        };
        return error is not null && IsOfHost(transfer, error) ? error : null;
    }

    /// <summary>
    /// Whether a failure is one of the host rather than of the URL: it did not answer at all, or something in front of it says that it is not there. One
    /// that asks for a pause is alive.
    /// </summary>
    private static bool IsOfHost(Transfer transfer, FetchError error) => transfer.IsAnswered
        ? error.Kind == FetchErrorKind.HttpStatus && transfer.Result.Status is 502 or 503 or 504 && transfer.RetryAfter is null
        : error.Blame == FailureBlame.Host;
}
