using Fetcher.Core.Reports;
using Fetcher.Core.Reports.WriteOut;

namespace Fetcher.Commands;

/// <summary>The reports of a run and where they go: standard output, and the files of <c>--report</c>.</summary>
internal sealed class ReportFiles : IAsyncDisposable
{
    /// <summary>The HResult when the reader of a pipe has gone: EPIPE, errno(3).</summary>
    public const int BrokenPipe = 32;

    private readonly List<(string Name, ReportOutput Output, ReportFile? File)> _outputs = [];
    private readonly List<Report> _reports = [];

    /// <param name="invocation">What was asked for.</param>
    /// <param name="table">Makes the writer of the summary for people.</param>
    /// <param name="signals">Stopped when nobody is left to report to; a signal ends the waiting for the reader of a FIFO.</param>
    /// <exception cref="UsageException">A file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">A signal came first.</exception>
    public ReportFiles(FetchInvocation invocation, Func<IReportWriter> table, TerminationSignals signals)
    {
        Action stop = signals.Stop;

        // When the only reader has gone, as in `fetcher ... | head -1`, fetching on would serve nobody.
        var isOnlyReport = invocation.Reports.Count == 0;
        Add("standard output", ForOutput(invocation, table), new DescriptorStream(1), isOnlyReport ? stop : null);
        if (ForError(invocation) is { Count: > 0 } writers)
        {
            Add("standard error", ReportsInOne.Of(writers), new DescriptorStream(2), stop: null);
        }

        try
        {
            foreach (var path in invocation.Reports)
            {
                var file = new ReportFile(path, signals.Draining);
                Add(path, ReportFormats.ForFile(path), file.Stream, stop: null, file);
            }
        }
        catch
        {
            _outputs.ForEach(output => output.File?.Abandon());
            throw;
        }
    }

    /// <summary>Names of files that the reports have or will have.</summary>
    public IEnumerable<string> Paths => _outputs.SelectMany(output => output.File?.Paths ?? []);

    public IReadOnlyList<Report> Reports => _reports;

    /// <summary>Writes out what is left, and tells on standard error what could not be written.</summary>
    /// <returns>Whether every report is whole, or its reader went away by choice.</returns>
    public async Task<bool> CloseAsync()
    {
        var whole = true;
        foreach (var (name, output, file) in _outputs)
        {
            await output.DisposeAsync();
            if (output.Error is { } error && !IsClosedPipe(error))
            {
                whole = false;
                await Console.Error.WriteLineAsync($"fetcher: the report to {file?.CurrentPath ?? name} is incomplete: {error.Message}");
            }
            else
            {
                whole &= await FinishAsync(file);
            }
        }

        _outputs.Clear();
        return whole;
    }

    /// <summary>Takes back what <see cref="CloseAsync"/> has not written out: there was no run to report.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var (_, output, file) in _outputs)
        {
            await output.DisposeAsync();
            file?.Abandon();
        }

        _outputs.Clear();
    }

    private static IReportWriter ForOutput(FetchInvocation invocation, Func<IReportWriter> table)
    {
        var writers = new List<IReportWriter>();
        if (invocation.Format is { } format)
        {
            writers.Add(ReportFormats.ForName(format, table));
        }

        if (invocation.WriteOut is { } template)
        {
            writers.Add(new WriteOutReport(template, toStandardError: false, !Console.IsOutputRedirected));
        }

        if (invocation is { Explain: true, Format: ReportFormats.Table })
        {
            writers.Add(new ExplanationReport());
        }

        return ReportsInOne.Of(writers);
    }

    private static List<IReportWriter> ForError(FetchInvocation invocation)
    {
        var writers = new List<IReportWriter>();
        if (!invocation.Quiet)
        {
            writers.Add(new ResultLines(invocation.Verbose));
        }

        if (invocation.WriteOut is { UsesStandardError: true } template)
        {
            writers.Add(new WriteOutReport(template, toStandardError: true, !Console.IsErrorRedirected));
        }

        if (invocation is { Explain: true, Format: not ReportFormats.Table })
        {
            writers.Add(new ExplanationReport());
        }

        return writers;
    }

    private static async Task<bool> FinishAsync(ReportFile? file)
    {
        try
        {
            file?.Finish();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"fetcher: the report could not get its name, and is in {file!.CurrentPath}: {e.Message}");
            return false;
        }
    }

    private static bool IsClosedPipe(Exception error) => error is IOException { HResult: BrokenPipe };

    private void Add(string name, IReportWriter writer, Stream stream, Action? stop, ReportFile? file = null)
    {
        var output = new ReportOutput(stream) { OnError = _ => stop?.Invoke() };
        _outputs.Add((name, output, file));
        _reports.Add(new Report(writer, output));
    }
}
