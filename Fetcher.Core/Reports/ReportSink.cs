using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Stalls;

namespace Fetcher.Core.Reports;

/// <summary>A format and where it goes.</summary>
internal sealed record Report(IReportWriter Writer, ReportOutput Output);

/// <summary>Where all results of a run end: the summary, and any number of reports. Safe for several loops.</summary>
internal sealed class ReportSink : IResultSink
{
    private readonly Lock _lock = new();
    private readonly RunInfo _run;
    private readonly ResultStream[] _streams;

    /// <summary>Writes the head of each report.</summary>
    /// <param name="run">What is run.</param>
    /// <param name="reports">The formats and their outputs; the caller disposes the outputs, after <see cref="End"/>.</param>
    /// <param name="inputOrder">Whether results are written in the order of their index instead of that of their arrival.</param>
    public ReportSink(RunInfo run, IReadOnlyList<Report> reports, bool inputOrder = false)
    {
        _run = run;
        _streams = [.. reports.Select(report => new ResultStream(report, inputOrder))];
        foreach (var stream in _streams)
        {
            stream.Begin(run);
        }
    }

    /// <summary>The summary so far. Its plain counters may be read at any time; the rest once the run has ended, or by <see cref="Read"/>.</summary>
    public RunSummary Summary { get; } = new();

    /// <summary>Reads the summary while no result is added to it.</summary>
    public T Read<T>(Func<RunSummary, T> read)
    {
        lock (_lock)
        {
            return read(Summary);
        }
    }

    /// <summary>Whether every report can take more; if not, no new transfer should be started.</summary>
    public bool HasRoom
    {
        get
        {
            foreach (var stream in _streams)
            {
                if (!stream.HasRoom)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <inheritdoc/>
    public void Add(FetchResult result)
    {
        lock (_lock)
        {
            Summary.Add(result);
            foreach (var stream in _streams)
            {
                stream.Write(result);
            }
        }
    }

    /// <summary>
    /// Takes several results: the summary has all of them before any report has the first, so that the code of each is run through at a stretch, under one lock.
    /// </summary>
    public void Add(ReadOnlySpan<FinishedUrl> finished)
    {
        lock (_lock)
        {
            foreach (ref readonly var url in finished)
            {
                Summary.Add(url.Result);
            }

            foreach (var stream in _streams)
            {
                foreach (ref readonly var url in finished)
                {
                    stream.Write(url.Result);
                }
            }
        }
    }

    /// <summary>
    /// Calls <paramref name="ready"/> once, when there is room or there may be again: at once on this thread, or later on another. It
    /// must be short, and look at <see cref="HasRoom"/> again.
    /// </summary>
    public void NotifyWhenRoom(Action ready)
    {
        lock (_lock)
        {
            foreach (var stream in _streams)
            {
                if (!stream.HasRoom)
                {
                    stream.NotifyWhenRoom(ready);
                    return;
                }
            }
        }

        ready();
    }

    /// <summary>
    /// Completes when there is room. It may go on on another thread: an event loop uses <see cref="NotifyWhenRoom"/> and its own wake-up.
    /// </summary>
    public async ValueTask WaitForRoomAsync()
    {
        while (!HasRoom)
        {
            var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            NotifyWhenRoom(room.SetResult);
            await room.Task.ConfigureAwait(false);
        }
    }

    /// <summary>Finishes the summary and writes the end of each report. No result may come any more.</summary>
    /// <param name="cost">What the run cost.</param>
    /// <param name="record">Where the time went, if that was watched.</param>
    public RunSummary End(RunCost cost, RunRecord? record = null)
    {
        lock (_lock)
        {
            Summary.Finish(cost, record);
            foreach (var stream in _streams)
            {
                stream.End(_run, Summary);
            }

            return Summary;
        }
    }
}
