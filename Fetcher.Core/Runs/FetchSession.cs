using Fetcher.Core.DotNet;
using Fetcher.Core.Fetch;
using Fetcher.Core.Fetch.Bodies;
using Fetcher.Core.Loop;
using Fetcher.Core.Modes;
using Fetcher.Core.Net;
using Fetcher.Core.Work.Journals;

namespace Fetcher.Core.Runs;

/// <summary>
/// One run from its checks to its end: the only place where the parts of a run are put together, for the command line, the rounds of compare and the
/// library alike.
/// </summary>
internal sealed class FetchSession : IAsyncDisposable
{
    /// <summary>How long a run that has failed may take to end by itself.</summary>
    private static readonly TimeSpan FaultBound = TimeSpan.FromSeconds(5);

    private readonly Mode _mode;
    private readonly FetchJob _job;
    private readonly Journal? _journal;
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource _drain;
    private readonly RunPlan _plan;
    private bool _hasBegun;

    private FetchSession(RunPlan plan, JournalFile? journal, RunFiles files, IWork work)
    {
        (_plan, _mode) = (plan, plan.Mode);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(plan.Stop);
        _drain = CancellationTokenSource.CreateLinkedTokenSource(plan.Drain, _stop.Token);
        JournalHealed = journal?.Healed ?? 0;
        _journal = journal is null ? null : new Journal(journal, _mode.Name, work) { OnError = _stop.Cancel };
        if (files.Warc is { } warc)
        {
            warc.OnError = _stop.Cancel;
        }

        _job = new FetchJob(plan.Options, _journal ?? work, plan.Clock, files, _stop.Token)
        {
            Drain = _drain.Token,
            Targets = plan.BodyReader is null && !plan.Options.KeepBodies ? null : new BodyTargets(plan.BodyReader, _stop.Token),
            Crowd = plan.Crowd,
        };
        if (plan.Crowd is { } crowd)
        {
            crowd.OnAllOpen += _job.Begin;
        }
    }

    /// <summary>Transfers under way now.</summary>
    public int InFlight => _job.InFlight;

    /// <summary>When the run began, in nanoseconds of its clock.</summary>
    public long StartedAt => _job.StartedAt;

    /// <summary>What the run's threads count.</summary>
    public RunCounters Counters => _job.Counters;

    /// <summary>Bytes of a torn line at the end of the journal that were cut off.</summary>
    public long JournalHealed { get; }

    /// <summary>What is odd about the files of cookies, a sentence each.</summary>
    public IEnumerable<string> CookieWarnings => _job.Cookies?.Warnings ?? [];

    /// <summary>Checks everything, then opens the files of the run; nothing is left behind when one of them is unusable.</summary>
    /// <param name="plan">How the run is done.</param>
    /// <param name="beginWork">Called when all is open, and not before: gives the work, and may begin to write its reports.</param>
    /// <exception cref="FetchSetupException">The mode cannot run, or an option's file is unusable.</exception>
    public static FetchSession Open(RunPlan plan, Func<IWork> beginWork)
    {
        if (plan.WhyNot() is { } reason)
        {
            throw new FetchSetupException(reason);
        }

        plan = plan with { Options = Netrc.LoadInto(plan.Options) };
        if (plan.OwnsProcess)
        {
            if (!plan.KeepsSystemTrust)
            {
                SystemTrust.LeaveUnreadUnlessNeeded(plan.Options);
            }

            SessionSecrets.LogIfAsked();
            DotNetTransport.KeepWindowsIfAsked(plan.Options);
            FileLimit.Raise();
            HeapRoom.Reserve(plan.Options.Concurrency);
        }

        var journal = plan.Options.JournalPath is { } path ? new JournalFile(path) : null;
        try
        {
            var files = RunFiles.Open(plan.Options, plan.Clock);
            if (files.Store is { } store)
            {
                store.IsRecorded = journal is { Length: > 0 } ? journal.HasSaved : null;
                store.Reserve([.. plan.ReportPaths, .. FilesOf(plan.Options)]);
            }

            return new FetchSession(plan, journal, files, beginWork());
        }
        catch
        {
            journal?.Dispose();
            throw;
        }
    }

    /// <summary>A thread that belongs to nobody has failed: the run cannot go on to its end.</summary>
    public void EndWith(Exception fault) => _job.EndWith(fault);

    /// <summary>Does the work; ends when every URL that was taken has its result and every file is closed, or the program has failed.</summary>
    public async Task<RunEnd> ToEndAsync()
    {
        _hasBegun = true;
        var fault = await RunForDurationAsync().ConfigureAwait(false);
        _journal?.End();
        return new RunEnd
        {
            StartedAt = _job.StartedAt,
            Loops = _job.Watched,
            IsCutShort = _job.IsDraining,
            Fault = fault,
            InputError = _job.InputError,
            JournalError = _journal?.Error,
            ArchiveError = _job.Warc?.Error,
            CookieError = SaveCookies(),
        };
    }

    /// <summary>Closes what is open still.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_hasBegun)
        {
            await _job.CloseAsync().ConfigureAwait(false);
        }

        _journal?.Dispose();
        if (!_job.Fault.IsCompleted)
        {
            // After a failure of the program some of it may still run.
            _drain.Dispose();
            _stop.Dispose();
        }
    }

    private static IEnumerable<string> FilesOf(FetchOptions options) =>
        ((string?[])[options.JournalPath, options.WarcPath, options.CookieJarPath, options.HstsPath]).OfType<string>();

    /// <summary>As <see cref="RunAsync"/>; begins nothing new once the time is over that was given.</summary>
    private async Task<Exception?> RunForDurationAsync()
    {
        if (_plan.Options.Duration is not { } duration)
        {
            return await RunAsync().ConfigureAwait(false);
        }

        var timer = _plan.Clock.CreateTimer(_ => _drain.Cancel(), state: null, duration, Timeout.InfiniteTimeSpan);
        await using (timer.ConfigureAwait(false))
        {
            return await RunAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Runs the job, and waits until what it has saved is in its files.</summary>
    /// <returns>Null, or what kept the run from its end.</returns>
    private async Task<Exception?> RunAsync()
    {
        var run = RunAndCloseAsync();
        if (await Task.WhenAny((Task)run, _job.Fault).ConfigureAwait(false) != run)
        {
            // The other loops may wait for what the one that failed was about to do, so they are not waited for without end.
            await _stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(run, Task.Delay(FaultBound)).ConfigureAwait(false);
            return await _job.Fault.ConfigureAwait(false);
        }

        return await run.ConfigureAwait(false);
    }

    private async Task<Exception?> RunAndCloseAsync()
    {
        try
        {
            await _mode.RunAsync(_job).ConfigureAwait(false);
            await _job.CloseAsync().ConfigureAwait(false);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private Exception? SaveCookies()
    {
        try
        {
            _job.SaveCookies();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e;
        }
    }
}
