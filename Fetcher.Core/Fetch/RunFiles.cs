using Fetcher.Core.Http;
using Fetcher.Core.Http.Cookies;
using Fetcher.Core.Net;
using Fetcher.Core.Saving;
using Fetcher.Core.Saving.Warc;
using Fetcher.Core.Work.Journals;

namespace Fetcher.Core.Fetch;

/// <summary>
/// The files that a run's options name. All that are to be read are read before any is made, and what was made is taken back when another cannot be: a
/// run that is refused leaves nothing behind.
/// </summary>
internal sealed class RunFiles
{
    private RunFiles(FetchOptions options, TimeProvider clock)
    {
        Network = new NetworkSetup(options, new HttpTunnel(options));
        Previous = options.RevalidatePath is null ? null : new PreviousRun(options.RevalidatePath);
        Cookies = CookieFile.Load(options, clock);
        if (options.CookieJarPath is { } jar)
        {
            PrivateFile.EnsureWritable(jar, "the cookies");
        }

        Hsts = options.HstsPath is { } hosts ? HstsFile.Load(hosts, clock) : null;
        if (options.HstsPath is { Length: > 0 } path)
        {
            PrivateFile.EnsureWritable(path, "the hosts of --hsts");
        }

        Store = options.OutputDir is null ? null : new BodyStore(options);
        try
        {
            Warc = options.WarcPath is null ? null : new WarcFile(options.WarcPath, clock, options.WarcMaxSize ?? long.MaxValue);
        }
        catch
        {
            Store?.Folder.TakeBack();
            throw;
        }
    }

    public NetworkSetup Network { get; }

    /// <summary>What an earlier run has fetched, or null when nobody asks whether it still holds.</summary>
    public PreviousRun? Previous { get; }

    /// <summary>The cookies of the run, or null when none are kept.</summary>
    public CookieJar? Cookies { get; }

    /// <summary>The hosts that are asked over https alone, or null when nobody wants to know.</summary>
    public HstsList? Hsts { get; }

    /// <summary>Where bodies are saved, or null.</summary>
    public BodyStore? Store { get; }

    /// <summary>The archive of all exchanges, or null.</summary>
    public WarcFile? Warc { get; }

    /// <summary>Reads and opens them.</summary>
    /// <exception cref="FetchSetupException">One is unusable.</exception>
    public static RunFiles Open(FetchOptions options, TimeProvider clock) => new(options, clock);
}
