using System.Diagnostics;
using System.Runtime.CompilerServices;
using Fetcher.Fuzz;

// fuzz INPUTS [SEED [TARGET]]: gives each parser its share of INPUTS, or one of them all, from the corpus beside this file onwards. The first broken
// promise ends it with exit status 1 and the input; so does an input that takes longer than ten seconds.
Coverage.Instrument(Path.Combine(AppContext.BaseDirectory, "Fetcher.Core.dll"));
return Run(args);

// Not before the parsers count their steps.
[MethodImpl(MethodImplOptions.NoInlining)]
static int Run(string[] args)
{
    var inputs = args.Length > 0 ? long.Parse(args[0], null) : 1_000_000;
    var seed = args.Length > 1 ? int.Parse(args[1], null) : Environment.TickCount;
    var corpus = Path.Combine(AppContext.BaseDirectory, "corpus");
    Target[] targets = [new HeadTarget(), new ChunkTarget(), new UrlTarget(), new ListLineTarget(), new JournalLineTarget(), new Http2Target()];
    var clock = Stopwatch.StartNew();
    Console.WriteLine($"seed {seed}");

    var only = args.Length > 2 ? args[2] : null;
    foreach (var target in targets.Where(target => only is null || target.Name == only))
    {
        // Half of all are for what strangers send first.
        var share = only is not null ? inputs : target is HeadTarget ? inputs / 2 : inputs / 8;
        var began = clock.Elapsed;
        var run = new FuzzRun(target, Corpus.Load(Path.Combine(corpus, target.Name + ".txt")), seed);
        if (!run.Run(share))
        {
            Console.WriteLine($"{target.Name}: {run.Failure}\n{Corpus.Escape(run.Input[..Math.Min(run.Input.Length, 2000)])}");
            return 1;
        }

        var seconds = (clock.Elapsed - began).TotalSeconds;
        Console.WriteLine($"{target.Name,-8} {share,12:N0} inputs, {run.Accepted * 100 / share,3} % accepted, {run.Steps,5} steps, "
            + $"{run.Kept,5} kept, {share / seconds,10:N0}/s, slowest {run.Slowest.TotalMilliseconds:F0} ms, heap {GC.GetTotalMemory(true) >> 10:N0} KiB");
    }

    using var self = Process.GetCurrentProcess();
    Console.WriteLine($"{clock.Elapsed.TotalSeconds:F0} s, {self.PeakWorkingSet64 >> 20} MiB resident at most");
    return 0;
}
