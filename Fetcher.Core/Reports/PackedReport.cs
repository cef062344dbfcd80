using System.IO.Compression;
using ZstdSharp;

namespace Fetcher.Core.Reports;

/// <summary>Reports that are compressed on their way into the file: <c>run.ndjson.gz</c>, <c>run.json.zst</c>.</summary>
internal static class PackedReport
{
    private const string Gzip = ".gz", Zstandard = ".zst";

    /// <summary>The name without what says that it is compressed.</summary>
    public static string NameOf(string path) => IsGzip(path) ? path[..^Gzip.Length] : IsZstandard(path) ? path[..^Zstandard.Length] : path;

    /// <summary>The stream that a report is written to, so that <paramref name="file"/> gets what its name says; it closes the file.</summary>
    public static Stream Pack(string path, Stream file) =>
        IsGzip(path) ? new GZipStream(file, CompressionLevel.Fastest)
        : IsZstandard(path) ? new CompressionStream(file, leaveOpen: false)
        : file;

    private static bool IsGzip(string path) => path.EndsWith(Gzip, StringComparison.OrdinalIgnoreCase);

    private static bool IsZstandard(string path) => path.EndsWith(Zstandard, StringComparison.OrdinalIgnoreCase);
}
