using System.Text;
using Fetcher.Core;
using Fetcher.Core.Interop;
using Fetcher.Core.Saving;
using Fetcher.Core.Work.Sources;

namespace Fetcher.Compare;

/// <summary>
/// The list of URLs as every round's process can read it: what can be read only once, standard input and pipes, is copied to temporary
/// files, which go when this goes.
/// </summary>
internal sealed class CompareSources : IDisposable
{
    private readonly List<string> _paths;
    private readonly ListOptions? _options;
    private DirectoryInfo? _folder;

    private CompareSources(IReadOnlyList<string> sources, ListOptions? options) => (_paths, _options) = ([.. sources], options);

    /// <summary>The SOURCE arguments for the processes.</summary>
    public IReadOnlyList<string> Paths => _paths;

    /// <summary>Reads what can be read only once, and makes sure that the list can be read.</summary>
    /// <param name="sources">The SOURCE arguments as given.</param>
    /// <param name="openStandardInput">What <c>-</c> reads; null for the process's standard input.</param>
    /// <param name="options">How they are read; null is in the usual way.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="SourceException">A source is missing, unreadable or a directory, or the list is empty.</exception>
    public static async Task<CompareSources> OpenAsync(
        IReadOnlyList<string> sources, Func<Stream>? openStandardInput, ListOptions? options, CancellationToken cancellation)
    {
        if (sources.Count(source => source == "-") > 1)
        {
            throw new SourceException("standard input can be read only once, so - may be given only once");
        }

        var opened = new CompareSources(sources, options);
        try
        {
            for (var i = 0; i < sources.Count; i++)
            {
                // A FIFO waits for its writer in open(2) and read(2), where nothing ends it.
                var source = sources[i];
                using var once = await Task.Run(() => OpenOnce(source, openStandardInput), cancellation).WaitAsync(cancellation);
                if (once is not null)
                {
                    opened._paths[i] = await opened.KeepAsync($"source-{i}", once, cancellation);
                }
            }

            UrlSource.Open(opened._paths, options: options).Dispose();
        }
        catch
        {
            opened.Dispose();
            throw;
        }

        return opened;
    }

    /// <summary>Writes a file that goes with the others.</summary>
    /// <returns>Its path.</returns>
    public async Task<string> KeepAsync(string name, Stream content, CancellationToken cancellation)
    {
        // Nobody else can enter, since URLs may hold secrets.
        _folder ??= TempFiles.CreateFolder();
        var path = Path.Combine(_folder.FullName, name);
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        await Task.Run(() => content.CopyToAsync(file, cancellation), cancellation).WaitAsync(cancellation);
        return path;
    }

    /// <summary>The first URL of the list.</summary>
    public async Task<string> FirstUrlAsync(CancellationToken cancellation)
    {
        using var source = UrlSource.Open(_paths, options: _options);
        var item = new UrlItem();
        while (source.TryTake(item) == TakeStatus.Empty)
        {
            var news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            source.NotifyWhenReady(news.SetResult);
            await news.Task.WaitAsync(cancellation);
        }

        return Encoding.UTF8.GetString(item.Text.Span);
    }

    public void Dispose() => _folder?.Delete(recursive: true);

    /// <summary>
    /// The source when it can be read only once, else null. One that cannot be opened is for <see cref="UrlSource"/> to report.
    /// </summary>
    private static Stream? OpenOnce(string source, Func<Stream>? openStandardInput)
    {
        if (source == "-")
        {
            try
            {
                return (openStandardInput ?? StandardStreams.OpenInput)();
            }
            catch (IOException e)
            {
                throw new SourceException($"cannot read standard input: {e.Message}", e);
            }
        }

        if (UrlInput.IsUrl(source) || !File.Exists(source))
        {
            return null;
        }

        try
        {
            var file = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (!file.CanSeek)
            {
                return file;
            }

            file.Dispose();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
