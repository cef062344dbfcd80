using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Fetcher.Core.Fetch.Bodies;
using Fetcher.Core.Hosts;
using Fetcher.Core.Http;
using Fetcher.Core.Http.Cookies;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Net;
using Fetcher.Core.Saving;
using Fetcher.Core.Saving.Warc;
using Fetcher.Core.Work.Journals;

namespace Fetcher.Core.Fetch;

/// <summary>One run: its work, how it is done, and what all its loops share.</summary>
internal sealed class FetchJob
{
    private readonly TaskCompletionSource<Exception> _fault = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inFlight;

    /// <exception cref="FetchSetupException">An option's file is unusable.</exception>
    public FetchJob(
        FetchOptions options, IWork work, TimeProvider? clock = null, RunFiles? files = null, CancellationToken stop = default)
    {
        files ??= RunFiles.Open(options, clock ?? TimeProvider.System);
        (Network, Previous, Cookies, Hsts, Store, Warc) = (files.Network, files.Previous, files.Cookies, files.Hsts, files.Store, files.Warc);
        Options = Store is { Template.NeedsHash: true } ? options with { Sha256 = true } : options;
        Work = work;
        Stop = stop;
        Drain = stop;
        Clock = clock ?? TimeProvider.System;
        Requests = new RequestWriter(options);
        Resolver = new Resolver(options, Clock);
        Sockets = SocketBudget.OfThisProcess(saves: Store is not null);
        var hosts = new HostTable(Clock);
        Scheduler = new HostScheduler(options, hosts, work, TryTake, Clock);
        Circuits = new Circuits(options, hosts, Clock);
        Robots = options.Robots ? new RobotsFiles(options, hosts) : null;
        Begin();
    }

    public FetchOptions Options { get; }

    public IWork Work { get; }

    /// <summary>Cancelled when the run is to stop: what is under way ends as <c>cancelled</c>, nothing new begins.</summary>
    public CancellationToken Stop { get; }

    /// <summary>Cancelled, not later than <see cref="Stop"/>, when nothing new is to begin; what is under way may go on to its end.</summary>
    public CancellationToken Drain { get; init; }

    public TimeProvider Clock { get; }

    /// <summary>Completes with the first failure that is none of a URL's but the program's own, or the machine's: the run cannot go on to its end.</summary>
    public Task<Exception> Fault => _fault.Task;

    /// <summary>Transfers under way now, over all loops.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Why the list could not be read to its end, or null.</summary>
    public IOException? InputError { get; internal set; }

    internal bool IsDraining => Drain.IsCancellationRequested || Stop.IsCancellationRequested;

    /// <summary>When the run began, in nanoseconds of <see cref="Clock"/>.</summary>
    internal long StartedAt { get; private set; }

    /// <summary>Where bodies are saved, or null.</summary>
    internal BodyStore? Store { get; }

    /// <summary>Where bodies go besides their files, or null.</summary>
    internal BodyTargets? Targets { get; init; }

    /// <summary>The archive of all exchanges, or null.</summary>
    internal WarcFile? Warc { get; }

    internal RequestWriter Requests { get; }

    internal Resolver Resolver { get; init; }

    internal NetworkSetup Network { get; }

    internal StartSchedule Starts { get; private set; }

    internal HostScheduler Scheduler { get; }

    internal Circuits Circuits { get; }

    /// <summary>The robots.txt of each host, or null when nobody asks.</summary>
    internal RobotsFiles? Robots { get; }

    /// <summary>What an earlier run has fetched, or null when nobody asks whether it still holds.</summary>
    internal PreviousRun? Previous { get; }

    /// <summary>The cookies of the run, or null when none are kept.</summary>
    internal CookieJar? Cookies { get; }

    /// <summary>The hosts that are asked over https alone, or null.</summary>
    internal HstsList? Hsts { get; }

    internal Pauses Pauses { get; } = new();

    internal SocketBudget Sockets { get; init; }

    /// <summary>What the run's threads count: system calls, and time in blocking reads.</summary>
    internal RunCounters Counters { get; } = new();

    /// <summary>What the loops did, of those that were watched and have ended.</summary>
    internal ConcurrentQueue<LoopRecord> Watched { get; } = new();

    /// <summary>Connections to open before the run begins and to keep beside it, or null.</summary>
    internal IdleCrowd? Crowd { get; init; }

    /// <summary>The run begins now. Called again, it begins now instead of then; no transfer may have started.</summary>
    [MemberNotNull(nameof(Starts))]
    internal void Begin()
    {
        StartedAt = MonotonicClock.Now(Clock);
        Starts = new StartSchedule(Options.StartInterval, StartedAt);
    }

    /// <summary>Takes the next URL, if anything new is to begin, and takes a list that cannot be read any further for one that has ended.</summary>
    internal TakeStatus TryTake(UrlItem item)
    {
        if (IsDraining)
        {
            return TakeStatus.End;
        }

        try
        {
            return Work.TryTake(item);
        }
        catch (IOException e)
        {
            // What has begun goes on to its results; the run says at its end that the list broke off.
            InputError = e;
            return TakeStatus.End;
        }
    }

    /// <summary>
    /// Takes a URL that was read ahead and waits for its host, now that nothing new begins, unless the work takes it back: it has to get its result.
    /// </summary>
    internal bool TryDrain(Transfer transfer)
    {
        while (Scheduler.TryDrain() is { } item)
        {
            transfer.Replace(item);
            if (!Work.TryRelease(item))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A transfer's file, or null when nothing is saved.</summary>
    internal BodyFile? NewFile(IExecutor executor) =>
        Store is null ? null : new BodyFile(Store, executor) { IsReadElsewhere = Targets is not null };

    /// <summary>Waits until what was saved, or given up, has left the hands of the writers and of the bodies' readers.</summary>
    public Task CloseAsync() => Task.WhenAll(
        Store?.WhenIdleAsync() ?? Task.CompletedTask, Warc?.CloseAsync() ?? Task.CompletedTask, Targets?.CloseAsync() ?? Task.CompletedTask);

    /// <summary>Writes the cookies, and the hosts of HSTS, where they were asked for. The run has ended.</summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">They must not be.</exception>
    public void SaveCookies()
    {
        if (Options.CookieJarPath is { } path)
        {
            CookieFile.Write(path, Cookies!);
        }

        if (Options.HstsPath is { Length: > 0 } hosts)
        {
            HstsFile.Write(hosts, Hsts!);
        }
    }

    /// <summary>A thread of the run has failed and cannot go on.</summary>
    internal void EndWith(Exception fault) => _fault.TrySetResult(fault);

    internal void CountInFlight(int change) => Interlocked.Add(ref _inFlight, change);
}
