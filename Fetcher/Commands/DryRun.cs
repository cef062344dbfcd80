using Fetcher.Core;
using Fetcher.Core.Http;
using Fetcher.Core.Reports;
using Fetcher.Core.Saving;
using Fetcher.Core.Work.Journals;
using Fetcher.Core.Work.Sources;

namespace Fetcher.Commands;

/// <summary>
/// <c>--dry-run</c>: reads the list and writes, a line each, the URLs that would be fetched, each with its file behind a tab when bodies are
/// saved. Nothing is asked, made or changed.
/// </summary>
internal sealed class DryRun
{
    private readonly FetchInvocation _invocation;
    private readonly JournalFile? _journal;
    private readonly SavePlan? _plan;
    private readonly HttpUrl _url = new();
    private readonly FetchResult _recorded = new();
    private long _due;
    private long _done;
    private long _bad;

    /// <exception cref="FetchSetupException">The template is none.</exception>
    private DryRun(FetchInvocation invocation, JournalFile? journal)
    {
        _invocation = invocation;
        _journal = journal;
        _plan = invocation.Options.OutputDir is null ? null : new SavePlan(invocation.Options);
    }

    /// <summary>Reads the list to its end.</summary>
    /// <returns>Exit status: 1 when a line is no URL.</returns>
    public static async Task<int> RunAsync(FetchInvocation invocation, UrlSource source, CancellationToken cancellation)
    {
        var path = invocation.Options.JournalPath;
        using var journal = File.Exists(path) ? new JournalFile(path, readOnly: true) : null;
        var run = new DryRun(invocation, journal);
        await using var output = new StreamWriter(new DescriptorStream(1), bufferSize: 64 * 1024);
        var item = new UrlItem();
        try
        {
            for (TakeStatus status; (status = source.TryTake(item)) != TakeStatus.End;)
            {
                cancellation.ThrowIfCancellationRequested();
                if (status == TakeStatus.Taken)
                {
                    await output.WriteAsync(run.LineOf(item));
                    continue;
                }

                await output.FlushAsync(cancellation);
                var news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                source.NotifyWhenReady(news.SetResult);
                await news.Task.WaitAsync(cancellation);
            }

            await output.FlushAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            await output.FlushAsync(CancellationToken.None);
        }

        if (!invocation.Quiet)
        {
            var skipped = run._done > 0 ? $", {SummaryText.Number(run._done)} have been fetched already" : "";
            var bad = run._bad > 0 ? $", {SummaryText.Number(run._bad)} are no URLs" : "";
            await Console.Error.WriteLineAsync($"fetcher: {SummaryText.Number(run._due)} would be fetched{skipped}{bad}");
        }

        return run._bad > 0 ? 1 : 0;
    }

    /// <summary>What is written of a line of the list, with its end; empty when nothing is.</summary>
    private string LineOf(UrlItem item)
    {
        var reason = item.Problem;
        if (reason is not null || !_url.TryParse(item.Text.Span, out reason))
        {
            _bad++;
            var place = item.Line > 0 ? $"{item.Origin}:{item.Line}: " : "";
            Console.Error.WriteLine($"fetcher: {PrintableText.Of(place + reason)}");
            return "";
        }

        var isThere = false;
        var file = _plan is null || item.Options is { Method: FetchMethod.Head } ? null : _plan.Next(_url, item, out isThere);
        if (isThere || (_journal is not null && _journal.TryFind(item, _recorded)))
        {
            _done++;
            return "";
        }

        _due++;
        var url = PrintableText.Of(System.Text.Encoding.UTF8.GetString(JournalLine.WithoutUserInfo(item.Text.Span)));
        return file is null ? $"{url}\n" : $"{url}\t{file}\n";
    }
}
