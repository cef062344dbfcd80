using System.Buffers;
using Fetcher.Commands;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Compare;

/// <summary>
/// Where a comparison is reported: standard output, and the files of <c>--report</c>, which are opened before anything is run.
/// </summary>
internal sealed class CompareOutputs : IAsyncDisposable
{
    private const int BrokenPipe = 32; // EPIPE, errno(3)

    private readonly List<(string Name, CompareWriter Write, Stream Stream, ReportFile? File)> _outputs = [];

    /// <param name="invocation">What was asked for.</param>
    /// <param name="stopping">Ends the waiting for whoever reads a FIFO.</param>
    /// <exception cref="UsageException">A file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Nobody read it until the comparison was to stop.</exception>
    public CompareOutputs(CompareInvocation invocation, CancellationToken stopping)
    {
        _outputs.Add(("standard output", CompareFormats.ForName(invocation.Format, CompareTable.Write), new DescriptorStream(1), null));
        try
        {
            foreach (var path in invocation.Reports)
            {
                var file = new ReportFile(path, stopping);
                _outputs.Add((path, CompareFormats.ForFile(path), file.Stream, file));
            }
        }
        catch
        {
            _outputs.ForEach(output => output.File?.Abandon());
            throw;
        }
    }

    /// <summary>Writes all reports, and tells on standard error what could not be written.</summary>
    /// <returns>Whether every report is whole, or its reader went away by choice.</returns>
    public async Task<bool> WriteAsync(ComparisonResult result)
    {
        var whole = true;
        foreach (var (name, write, stream, file) in _outputs)
        {
            var bytes = new ArrayBufferWriter<byte>();
            write(bytes, result);
            try
            {
                await stream.WriteAsync(bytes.WrittenMemory);
                await stream.FlushAsync();
                await stream.DisposeAsync();
                file?.Finish();
            }
            catch (IOException e) when (e.HResult == BrokenPipe)
            {
                // The reader has seen enough.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                whole = false;
                await Console.Error.WriteLineAsync($"fetcher: the report to {file?.CurrentPath ?? name} is incomplete: {e.Message}");
            }
        }

        _outputs.Clear();
        return whole;
    }

    /// <summary>Takes back what <see cref="WriteAsync"/> has not written: there was nothing to report.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var (_, _, stream, file) in _outputs)
        {
            await stream.DisposeAsync();
            file?.Abandon();
        }
    }
}
