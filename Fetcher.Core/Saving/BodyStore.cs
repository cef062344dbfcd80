using System.Text;
using Fetcher.Core.Interop;

namespace Fetcher.Core.Saving;

/// <summary>Where the bodies of a run are saved: what all its files share. Safe for several loops.</summary>
internal sealed class BodyStore
{
    /// <summary>Bytes that may wait for the disk, of one body and of all together; behind that, transfers stop reading.</summary>
    public const int MostWaiting = 256 * 1024, MostWaitingInAll = 64 << 20;

    private readonly Lock _gate = new();

    // The next number to try for a name, by the hash of its path: with a collision of hashes a number is left out, and nothing is lost.
    private readonly Dictionary<long, int> _numbers = [];
    private readonly HashSet<long> _folders = [];
    private readonly HashSet<long> _foundAgain = [];
    private readonly HashSet<string> _reserved = new(StringComparer.Ordinal);
    private readonly long _began = Libc.FileClock();
    private readonly int _mostKept = (int)Math.Min(64, Libc.GetFileLimit() / 64);
    private string? _lastFolder;
    private long _waiting;
    private int _kept;

    /// <exception cref="FetchSetupException">The folder or the template is unusable.</exception>
    public BodyStore(FetchOptions options)
    {
        try
        {
            Template = NameTemplate.Parse(options.OutputTemplate);
        }
        catch (FormatException e)
        {
            throw new FetchSetupException($"--output-template: {e.Message}", e);
        }

        if (ClaimsNames(options) && Template.NeedsHash)
        {
            throw new FetchSetupException("--output-template: with {sha256} in it nobody knows beforehand what is there already");
        }

        if (ClaimsNames(options) && options.RemoteHeaderName)
        {
            throw new FetchSetupException("--remote-header-name: with names that servers give nobody knows beforehand what is there already");
        }

        Continues = options.Continue;
        TakesServersNames = options.RemoteHeaderName;
        TakesServersTimes = options.RemoteTime;
        Claims = ClaimsNames(options);
        Decodes = options.Compressed;
        Accepts = options.AcceptStatus;
        Folder = new OutputFolder(options.OutputDir!);
    }

    public NameTemplate Template { get; }

    public OutputFolder Folder { get; }

    public WriterThreads Writers { get; } = new();

    public NamelessFiles Nameless { get; } = new();

    /// <summary>Whether unfinished bodies are kept and gone on with.</summary>
    public bool Continues { get; }

    /// <summary>Whether a body has its name before it is fetched, and is not fetched when that file is there.</summary>
    public bool Claims { get; }

    /// <summary>Whether a body is called what its server says (<c>-J</c>).</summary>
    public bool TakesServersNames { get; }

    /// <summary>Whether a body has the time of its Last-Modified.</summary>
    public bool TakesServersTimes { get; }

    /// <summary>Whether bodies are saved decoded, so that bytes of the file are not those on the wire.</summary>
    public bool Decodes { get; }

    public StatusSet Accepts { get; }

    /// <summary>Tells which paths hold bodies that an earlier run has recorded; null when no earlier run of this work is known.</summary>
    public Func<string, bool>? IsRecorded { get; set; }

    /// <summary>Whether as much waits for the disk as may.</summary>
    public bool IsFull => Volatile.Read(ref _waiting) >= MostWaitingInAll;

    /// <summary>Whether this is the first time that the run is in a folder.</summary>
    public bool IsNewFolder(string path)
    {
        lock (_gate)
        {
            if (path == _lastFolder)
            {
                return false;
            }

            _lastFolder = path;
            return _folders.Add(KeyOf(path));
        }
    }

    /// <summary>Whether another unfinished body may stay open until its next attempt.</summary>
    public bool TryKeep()
    {
        if (Interlocked.Increment(ref _kept) <= _mostKept)
        {
            return true;
        }

        EndKeeping();
        return false;
    }

    /// <summary>One less is kept.</summary>
    public void EndKeeping() => Interlocked.Decrement(ref _kept);

    public void CountWaiting(int change) => Interlocked.Add(ref _waiting, change);

    /// <summary>The number behind the name that is worth trying first.</summary>
    public int FirstNumber(string path)
    {
        lock (_gate)
        {
            return _numbers.Count == 0 ? 0 : _numbers.GetValueOrDefault(KeyOf(path));
        }
    }

    /// <summary>Notes that <paramref name="number"/> is taken.</summary>
    public void NoteNumber(string path, int number)
    {
        lock (_gate)
        {
            var key = KeyOf(path);
            _numbers[key] = Math.Max(_numbers.GetValueOrDefault(key), number + 1);
        }
    }

    /// <summary>Takes the next number for one body of this run: no other gets it.</summary>
    public int ClaimNumber(string path)
    {
        lock (_gate)
        {
            var key = KeyOf(path);
            var number = _numbers.GetValueOrDefault(key);
            _numbers[key] = number + 1;
            return number;
        }
    }

    /// <summary>Keeps names in the folder for files that the run itself writes, such as reports: no body gets them.</summary>
    public void Reserve(IEnumerable<string> paths) => _reserved.UnionWith(paths.Select(Folder.PathOf).OfType<string>());

    /// <summary>Whether <see cref="Reserve"/> has kept the path.</summary>
    public bool IsReserved(string path) => _reserved.Contains(path);

    /// <summary>
    /// Whether a file may be what an earlier run of this work has saved and, being killed, not recorded: it has been there since before this run, and no
    /// line of the journal names it.
    /// </summary>
    public bool MayBeUnrecorded(string path, in FileFacts facts) =>
        IsRecorded is not null && facts.IsRegular && facts.Changed < _began && !IsRecorded(path);

    /// <summary>Takes such a file for a body of this run; false when another body of the run has it.</summary>
    public bool TryTakeUnrecorded(string path)
    {
        lock (_gate)
        {
            return _foundAgain.Add(KeyOf(path));
        }
    }

    /// <summary>Waits until the threads have nothing to do: what was broken off is cleared away.</summary>
    public async Task WhenIdleAsync()
    {
        while (!Writers.IsIdle)
        {
            await Task.Delay(1).ConfigureAwait(false);
        }
    }

    private static bool ClaimsNames(FetchOptions options) => options.SkipExisting || options.Continue;

    private static long KeyOf(string path) => Hash64.Of(Encoding.UTF8.GetBytes(path));
}
