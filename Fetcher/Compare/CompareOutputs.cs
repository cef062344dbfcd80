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

    private readonly List<(string Name, CompareWriter Write, Stream Stream)> _outputs = [];

    /// <exception cref="UsageException">A file cannot be written.</exception>
    public CompareOutputs(CompareInvocation invocation)
    {
        _outputs.Add(("standard output", CompareFormats.ForName(invocation.Format, CompareTable.Write), new DescriptorStream(1)));
        foreach (var path in invocation.Reports)
        {
            _outputs.Add((path, CompareFormats.ForFile(path), Open(path)));
        }
    }

    /// <summary>Writes all reports, and tells on standard error what could not be written.</summary>
    /// <returns>Whether every report is whole, or its reader went away by choice.</returns>
    public async Task<bool> WriteAsync(ComparisonResult result)
    {
        var whole = true;
        foreach (var (name, write, stream) in _outputs)
        {
            var bytes = new ArrayBufferWriter<byte>();
            write(bytes, result);
            try
            {
                await stream.WriteAsync(bytes.WrittenMemory);
                await stream.FlushAsync();
            }
            catch (IOException e) when (e.HResult == BrokenPipe)
            {
                // The reader has seen enough.
            }
            catch (IOException e)
            {
                whole = false;
                await Console.Error.WriteLineAsync($"fetcher: the report to {name} is incomplete: {e.Message}");
            }
        }

        return whole;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, _, stream) in _outputs)
        {
            await stream.DisposeAsync();
        }
    }

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"the report {path} cannot be written: {e.Message}");
        }
    }
}
