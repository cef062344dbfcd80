using System.Security.Cryptography;
using Fetcher.Core.Http;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Saving;

/// <summary>
/// The file that a transfer's body goes to, seen from its loop: what is written is copied and handed to a writer thread, and what the disk
/// has to answer is waited for without blocking. One a slot, used for one body after the other: prepare, begin, write, finish, leave.
/// </summary>
/// <param name="store">What the files of the run share.</param>
/// <param name="executor">Where the transfer runs.</param>
internal sealed class BodyFile(BodyStore store, IExecutor executor)
{
    private readonly WriteQueue _queue = new(store);
    private WriteCommand? _finish;
    private string? _sha256;
    private string? _path;
    private bool _isTouched;
    private long _deadline;

    /// <summary>Fields of the request that ask for the rest of an unfinished body, or null.</summary>
    public byte[]? RangeFields { get; private set; }

    /// <summary>Whether what comes is the rest of an unfinished body.</summary>
    public bool IsResumed { get; private set; }

    /// <summary>
    /// The server would not go on with the unfinished body, so it was dropped: the request can be made again, for the whole.
    /// </summary>
    public bool StartsOver { get; private set; }

    /// <summary>Whether the body goes elsewhere, too, so that each attempt has to take it from its beginning.</summary>
    public bool IsReadElsewhere { get; init; }

    /// <summary>Whether the request asks, or asked, for the rest of an unfinished body.</summary>
    public bool IsContinuing => RangeFields is not null || IsResumed || StartsOver;

    /// <summary>Whether the body that comes is to be saved.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>
    /// Whether so much waits for the disk, or the disk failed, that <see cref="DrainAsync"/> comes before the next write.
    /// </summary>
    public bool MustDrain => IsOpen && _queue.MustDrain;

    private FileOnDisk Disk => _queue.Disk;

    /// <summary>Readies the file for an attempt at a URL.</summary>
    /// <param name="url">The URL of the list.</param>
    /// <param name="item">Its line.</param>
    /// <param name="isFirst">Whether it is the first attempt, so that a name has to be found.</param>
    /// <param name="deadline">When to give up, in nanoseconds of the run's clock.</param>
    /// <returns>The path of the body when it is there already, else null.</returns>
    public async LoopTask<string?> PrepareAsync(HttpUrl url, UrlItem item, bool isFirst, long deadline)
    {
        _deadline = deadline;
        StartsOver = IsResumed = IsOpen = false;
        RangeFields = null;
        _queue.Begin();
        Disk.Begin(url, item, isFirst);
        if (!store.Claims)
        {
            RangeFields = Disk.FindKept();
            return null;
        }

        return await ClaimAsync().ConfigureAwait(false);
    }

    /// <summary>Looks at a response's header section and decides what becomes of its body.</summary>
    /// <param name="head">What the server says.</param>
    /// <param name="hash">Takes the part of the body that is there already, or null.</param>
    /// <returns>Bytes of the body that are there already.</returns>
    /// <exception cref="FetchException">The rest cannot be had like this (curl's CURLE_RANGE_ERROR); see
    /// <see cref="StartsOver"/>.</exception>
    public async LoopTask<long> BeginAsync(ResponseHead head, IncrementalHash? hash)
    {
        var wasAsked = RangeFields is not null;
        RangeFields = null;
        if (wasAsked && (head.Status == 416 || (head.Status == 206 && !ContinuesPart(head))))
        {
            StartsOver = true;
            await RunAsync(new WriteCommand(Disk.DropPart), _deadline).ConfigureAwait(false);
            throw Failures.NotContinued.Of().Thrown();
        }

        IsResumed = wasAsked && head.Status == 206;
        if (!IsResumed && !store.Accepts.Contains(head.Status))
        {
            return 0;
        }

        var isDecoded = store.Decodes && head.ContentCodings.Length > 0;
        Disk.Validator = isDecoded || IsReadElsewhere || (head.Status == 206 && !IsResumed) ? null : PartFacts.ValidatorOf(head);
        Disk.GivenName = store.TakesServersNames ? ContentDisposition.NameOf(head.Field("Content-Disposition"u8)) : null;
        Disk.Modified = store.TakesServersTimes && HttpDate.TryParse(head.LastModified, DateTimeOffset.UtcNow, out var modified) ? modified : null;
        IsOpen = true;
        return IsResumed ? await OpenPartAsync(hash).ConfigureAwait(false) : 0;
    }

    /// <summary>Takes a run of the body; copies it.</summary>
    public void Write(ReadOnlySpan<byte> run)
    {
        if (IsOpen && !run.IsEmpty)
        {
            _isTouched = true;
            _queue.Write(run);
        }
    }

    /// <summary>Waits until what was written is on its way to the disk's cache.</summary>
    /// <exception cref="FetchException">It could not be written, or not in time.</exception>
    public async LoopTask DrainAsync()
    {
        if (!await executor.WaitForAsync(_queue.WhenDrained(), _deadline).ConfigureAwait(false))
        {
            throw Failures.DiskSlow.Of().Thrown();
        }

        if (_queue.Error is { } error)
        {
            throw error;
        }
    }

    /// <summary>Gives the whole body its name.</summary>
    /// <returns>The path, or null when no body was to be saved.</returns>
    /// <exception cref="FetchException">It could not be written.</exception>
    public async LoopTask<string?> FinishAsync(string? sha256)
    {
        if (!IsOpen)
        {
            return null;
        }

        // One that is not waited for to its end is not used again.
        var finish = _finish ?? new WriteCommand(Finish, endsBody: true);
        _finish = null;
        _sha256 = sha256;
        await RunAsync(finish, _deadline).ConfigureAwait(false);
        _finish = finish;
        IsOpen = _isTouched = false;
        return _path;
    }

    /// <summary>Ends the attempt: clears away what was not finished, unless it can be continued.</summary>
    /// <remarks>When the run is being stopped it does not wait; the writer thread does it all the same.</remarks>
    public LoopTask LeaveAsync()
    {
        IsOpen = false;
        return _isTouched ? CleanUpAsync(Disk.Leave) : default;
    }

    /// <summary>Ends a URL that failed: no attempt goes on with what the last one left.</summary>
    /// <remarks>As with <see cref="LeaveAsync"/>.</remarks>
    public LoopTask EndAsync() => CleanUpAsync(DropKept);

    private async LoopTask<string?> ClaimAsync()
    {
        string? there = null;
        var claim = new WriteCommand(() =>
        {
            there = Disk.IsClaimed ? null : Disk.Claim();
            RangeFields = there is not null ? null : store.Continues ? Disk.FindPart() : Disk.FindKept();
        });
        await RunAsync(claim, _deadline).ConfigureAwait(false);
        return there;
    }

    private async LoopTask<long> OpenPartAsync(IncrementalHash? hash)
    {
        await RunAsync(new WriteCommand(() => Disk.OpenPart(hash)), _deadline).ConfigureAwait(false);
        return Disk.Length;
    }

    private void Finish()
    {
        _path = _queue.Error is { } error ? throw error : Disk.Finish(_sha256);
        Disk.Leave();
    }

    private void DropKept()
    {
        try
        {
            Disk.DropKept();
        }
        finally
        {
            Disk.Leave();
        }
    }

    private async LoopTask CleanUpAsync(Action command)
    {
        try
        {
            await RunAsync(new WriteCommand(command), long.MaxValue).ConfigureAwait(false);
            _isTouched = false;
        }
        catch (OperationCanceledException)
        {
        }
    }

    private bool ContinuesPart(ResponseHead head) =>
        ContentRange.TryParse(head.ContentRange, out var first, out var last, out var total)
        && first == Disk.PartLength
        && (total < 0 || last == total - 1)
        && (head.ContentLength < 0 || head.ContentLength == last - first + 1)
        && !(store.Decodes && head.ContentCodings.Length > 0)
        && (head.ETag.IsEmpty || head.ETag[0] != '"' || !Disk.HasETag || PartFacts.ValidatorOf(head) == Disk.Validator);

    private async LoopTask RunAsync(WriteCommand command, long deadline)
    {
        _isTouched = true;
        _queue.Run(command);
        if (!await executor.WaitForAsync(command, deadline).ConfigureAwait(false))
        {
            command.GiveUp();
            throw Failures.DiskSlow.Of().Thrown();
        }

        command.TakeResult();
    }
}
