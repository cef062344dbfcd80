using Fetcher.Core.Interop;
using Fetcher.Core.Reports;
using Microsoft.Win32.SafeHandles;

namespace Fetcher.Commands;

/// <summary>
/// The file of a report. It gets its name when it is whole, so that what was there before is not lost to a run that is killed. A report of lines has its
/// name from the start, to be read while it grows, where nothing was there before. What is no plain file, such as a pipe, is written as it is.
/// </summary>
internal sealed class ReportFile
{
    private const string Unfinished = ".part";

    /// <summary>How often it is looked whether somebody reads a FIFO. Milliseconds.</summary>
    private const int MillisecondsBetweenLooks = 20;

    private readonly string _path;
    private readonly bool _isNew;
    private readonly string? _unfinishedPath;

    /// <param name="path">As given.</param>
    /// <param name="stopping">Ends the waiting for whoever reads a FIFO.</param>
    /// <exception cref="UsageException">It cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Nobody read it until the run was to stop.</exception>
    public ReportFile(string path, CancellationToken stopping)
    {
        try
        {
            if (FileTarget.DescriptorOf(path) is { } descriptor)
            {
                _path = path;
                Stream = PackedReport.Pack(path, OpenDescriptor(descriptor));
                return;
            }

            // A link stays one: what it leads to is written.
            _path = FileTarget.Of(path);
            var isThere = !Libc.Stat(_path, out var facts).IsError;
            if (isThere && !facts.IsRegular)
            {
                Stream = PackedReport.Pack(
                    path, facts.Kind == FileKind.Fifo ? OpenFifo(_path, stopping) : new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0));
                return;
            }

            _isNew = true;
            _unfinishedPath = isThere || !IsOfLines(path) ? _path + Unfinished : null;
            Stream = PackedReport.Pack(path, new FileStream(CurrentPath, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"the report {path} cannot be written: {e.Message}");
        }
    }

    /// <summary>Where the report is written to; a compressed one is compressed here.</summary>
    public Stream Stream { get; }

    /// <summary>Where what has been written is until <see cref="Finish"/>.</summary>
    public string CurrentPath => _unfinishedPath ?? _path;

    /// <summary>Names that the report has or will have.</summary>
    public IEnumerable<string> Paths => _unfinishedPath is null ? [_path] : [_path, _unfinishedPath];

    /// <summary>Gives the whole report its name. The stream is closed already.</summary>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    public void Finish()
    {
        if (_unfinishedPath is not null)
        {
            File.Move(_unfinishedPath, _path, overwrite: true);
        }
    }

    /// <summary>Takes the report back: nothing was to be reported. The stream is closed already.</summary>
    public void Abandon()
    {
        if (_isNew)
        {
            File.Delete(CurrentPath);
        }
    }

    private static bool IsOfLines(string path) =>
        PackedReport.NameOf(path) is var name && (name.EndsWith(".ndjson", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase));

    private static DescriptorStream OpenDescriptor(int descriptor) =>
        StandardStreams.IsClosed(descriptor) || !Libc.IsOpen(descriptor) || Libc.ClosesOnExec(descriptor)
            ? throw new IOException($"descriptor {descriptor} is not open")
            : new DescriptorStream(descriptor);

    /// <summary>Opens a FIFO once somebody reads it (fifo(7)). A plain open(2) would wait for that in the kernel, where no signal of the run reaches it.</summary>
    private static FileStream OpenFifo(string path, CancellationToken stopping)
    {
        using var anywhere = Libc.WorkingFolder();
        while (true)
        {
            var opened = Libc.OpenAt(anywhere, path, OpenFlags.Write | OpenFlags.NonBlocking);
            if (!opened.IsError)
            {
                Libc.SetBlocking(opened.Value, blocking: true).OrThrow("fcntl");
                return new FileStream(new SafeFileHandle(opened.Value, ownsHandle: true), FileAccess.Write, bufferSize: 0);
            }

            if (opened.Error != Errno.ENXIO)
            {
                throw new IOException(opened.Message, (int)opened.Error);
            }

            stopping.WaitHandle.WaitOne(MillisecondsBetweenLooks);
            stopping.ThrowIfCancellationRequested();
        }
    }
}
