using System.Text;
using Fetcher.Commands;
using Fetcher.Compare;
using Fetcher.Core;
using Fetcher.Core.Modes;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Core.Work.Sources;
using Fetcher.Terminal;

namespace Fetcher.Lesson;

/// <summary>What the command line asks for: a lesson.</summary>
/// <param name="Chapters">The chapters, at least one.</param>
/// <param name="Reports">Files to write the lesson to.</param>
/// <param name="Quiet">Whether no progress is shown.</param>
internal sealed record LessonInvocation(IReadOnlyList<Chapter> Chapters, IReadOnlyList<string> Reports, bool Quiet);

/// <summary>A chapter, what was measured for it, and what that says.</summary>
internal sealed record Taught(Chapter Chapter, Measured? Measured, Finding Finding);

/// <summary>Runs the lesson: measures chapter after chapter, tells each on standard output as it is done, and writes the page at the end.</summary>
internal static class LessonRun
{
    /// <summary>Runs it; its result is the exit status.</summary>
    public static async Task<int> RunAsync(LessonInvocation invocation, CancellationToken cancellation)
    {
        ProcessRoom.Ensure(threads: 4, files: 6 + invocation.Reports.Count);
        using var signals = new TerminationSignals(cancellation);
        var files = new List<ReportFile>();
        try
        {
            foreach (var path in invocation.Reports)
            {
                files.Add(new ReportFile(path, signals.Stopping));
            }

            var taught = await TeachAsync(invocation, signals.Stopping);
            if (taught.Count == 0)
            {
                return signals.ExitStatus ?? CommandLine.Failed;
            }

            var page = Encoding.UTF8.GetBytes(LessonHtml.Of(taught));
            foreach (var file in files)
            {
                await file.Stream.WriteAsync(page, CancellationToken.None);
                await file.Stream.DisposeAsync();
                file.Finish();
            }

            files.Clear();
            return signals.ExitStatus ?? (taught.All(each => each.Measured is { Result.AllFetched: true }) ? 0 : CommandLine.Failed);
        }
        catch (OperationCanceledException) when (signals.ExitStatus is not null)
        {
            return signals.ExitStatus.Value;
        }
        finally
        {
            foreach (var file in files)
            {
                await file.Stream.DisposeAsync();
                file.Abandon();
            }
        }
    }

    private static async Task<IReadOnlyList<Taught>> TeachAsync(LessonInvocation invocation, CancellationToken stopping)
    {
        var work = new LessonWork(invocation.Chapters);
        var known = new Dictionary<string, ComparisonResult>();
        var taught = new List<Taught>();
        var table = new LessonTable(TerminalStyle.OfStandardOutput());
        await using var output = new DescriptorStream(1);
        foreach (var chapter in invocation.Chapters)
        {
            var (key, asked) = work.Of(chapter);
            asked = asked with { Quiet = invocation.Quiet };
            if (!known.TryGetValue(key, out var all))
            {
                all = await MeasureAsync(asked, stopping);
            }

            if (stopping.IsCancellationRequested)
            {
                // What is half measured is not taught.
                break;
            }

            known[key] = all;
            taught.Add(await TeachAsync(chapter, all, asked, stopping));
            await output.WriteAsync(Encoding.UTF8.GetBytes(table.Of(taught[^1])), stopping);
        }

        return taught;
    }

    private static async Task<Taught> TeachAsync(Chapter chapter, ComparisonResult all, CompareInvocation asked, CancellationToken stopping)
    {
        if (all.Modes.Count == 0)
        {
            return new Taught(chapter, null, Finding.Without(string.Join("; ", all.LeftOut.Select(left => $"{left.Mode} cannot run here, {left.Reason}"))));
        }

        var part = LessonWork.PartOf(all, chapter);
        if (chapter.Python is { } how && await PythonProgram.RunAsync(how, UrlsOf(asked), asked.Runs, stopping) is { } rounds)
        {
            var samples = part.Points[0].Modes.Append(new ModeSample(PythonProgram.Name, rounds, null));
            part = part with { Points = [new ComparisonPoint(null, LessonWork.Rebased(samples))] };
        }

        var measured = new Measured(part);
        return new Taught(chapter, measured, chapter.Find(measured));
    }

    private static async Task<ComparisonResult> MeasureAsync(CompareInvocation asked, CancellationToken stopping)
    {
        var (modes, leftOut) = CompareRun.Available(asked);
        using var sources = await CompareSources.OpenAsync(asked.Sources, openStandardInput: null, new ListOptions(Globs: true), stopping);
        using var progress = new CompareProgress(asked, modes);
        return await CompareRounds.RunAsync(asked, modes, leftOut, against: null, sources, progress, stopping);
    }

    private static List<string> UrlsOf(CompareInvocation asked)
    {
        using var source = UrlSource.Open(asked.Sources, asked.Count, options: new ListOptions(Globs: true));
        var item = new UrlItem();
        var urls = new List<string>();
        while (source.TryTake(item) == TakeStatus.Taken)
        {
            urls.Add(Encoding.UTF8.GetString(item.Text.Span));
        }

        return urls;
    }
}
