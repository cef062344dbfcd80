using System.Text;
using Fetcher.Core.Http;

namespace Fetcher.Core.Saving;

/// <summary>
/// Which file each body of a run would get, in the order of the list, without making anything. It names what stands there now: what others
/// do meanwhile, and in which order transfers end, it cannot know.
/// </summary>
internal sealed class SavePlan
{
    private readonly FetchOptions _options;
    private readonly NameTemplate _template;
    private readonly HashSet<long> _taken = [];

    /// <exception cref="FetchSetupException">The template is none.</exception>
    public SavePlan(FetchOptions options)
    {
        _options = options;
        try
        {
            _template = NameTemplate.Parse(options.OutputTemplate);
        }
        catch (FormatException e)
        {
            throw new FetchSetupException($"--output-template: {e.Message}", e);
        }
    }

    /// <summary>The path that the next body would get. The hash of a body, which nobody knows yet, stands as <c>{sha256}</c>.</summary>
    /// <param name="url">Its URL.</param>
    /// <param name="item">Its line.</param>
    /// <param name="isThere">Whether a file of an earlier run has the name, so that nothing would be fetched.</param>
    public string Next(HttpUrl url, UrlItem item, out bool isThere)
    {
        var names = item.Options?.SaveAs is { } path ? SafeName.PartsOf(path) : _template.Expand(url, item.Index, "{sha256}");
        var folder = names.SkipLast(1).Aggregate(_options.OutputDir!, Folder);
        for (var number = 0; ; number++)
        {
            var file = Path.Combine(folder, SafeName.Numbered(names[^1], number));
            if (!_taken.Add(KeyOf(file)))
            {
                continue;
            }

            var stands = new FileInfo(file);
            isThere = stands.Exists && stands.LinkTarget is null && (_options.SkipExisting || _options.Continue);
            if (isThere || !(stands.Exists || stands.LinkTarget is not null || Directory.Exists(file)))
            {
                return file;
            }
        }
    }

    /// <summary>The folder that a name leads to: a file or a link of that name makes it another.</summary>
    private string Folder(string above, string name)
    {
        for (var number = 0; ; number++)
        {
            var path = Path.Combine(above, SafeName.Numbered(name, number));
            if (new DirectoryInfo(path).LinkTarget is null && !File.Exists(path) && !_taken.Contains(KeyOf(path)))
            {
                return path;
            }
        }
    }

    private static long KeyOf(string path) => Hash64.Of(Encoding.UTF8.GetBytes(path));
}
