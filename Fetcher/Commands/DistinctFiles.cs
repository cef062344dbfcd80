using System.Globalization;
using Fetcher.Core;
using Fetcher.Core.Interop;
using Fetcher.Core.Saving;
using Fetcher.Core.Work.Sources;
using Microsoft.Win32.SafeHandles;

namespace Fetcher.Commands;

/// <summary>
/// Refuses a run that would write a file twice, or over what it reads. Files are the same by their inodes, whatever they are called: by another path, a
/// symbolic or a hard link.
/// </summary>
internal static class DistinctFiles
{
    /// <exception cref="UsageException">Two of the run's files are the same, and at least one of them is written.</exception>
    public static void Check(FetchInvocation invocation)
    {
        var options = invocation.Options;
        var outputs = Reports(invocation.Reports);
        Add(outputs, "--journal", options.JournalPath);
        Add(outputs, "--warc", options.WarcPath);
        Add(outputs, "--output-dir", options.OutputDir);
        if (options.CookieJarPath is { } jar)
        {
            outputs.Add(new Named($"--cookie-jar {jar}", jar, jar + PrivateFile.Unfinished));
        }

        if (options.HstsPath is { Length: > 0 } hosts)
        {
            outputs.Add(new Named($"--hsts {hosts}", hosts, hosts + PrivateFile.Unfinished));
        }

        if (invocation.Format is not null)
        {
            outputs.Add(new Named("standard output", Descriptor: 1));
        }

        var inputs = Inputs(options, invocation.Sources);
        inputs.AddRange(options.CookieFiles.Where(path => path != options.CookieJarPath).Select(path => new Named($"--cookie {path}", path)));
        inputs.AddRange((invocation.ReadFiles ?? []).Select(path => new Named($"the file of options {path}", path)));
        Add(inputs, "--revalidate", options.RevalidatePath);
        Check(outputs, inputs);
    }

    /// <summary>Likewise for a comparison, which prints one report and writes others.</summary>
    /// <param name="reports">Its reports in files.</param>
    /// <param name="options">How it fetches.</param>
    /// <param name="sources">The lists that it reads.</param>
    /// <param name="against">The earlier report that it reads, or null.</param>
    /// <exception cref="UsageException">Two of the files are the same, and at least one of them is written.</exception>
    public static void Check(IReadOnlyList<string> reports, FetchOptions options, IReadOnlyList<string> sources, string? against)
    {
        var outputs = Reports(reports);
        outputs.Add(new Named("standard output", Descriptor: 1));
        var inputs = Inputs(options, sources);
        Add(inputs, "--against", against);
        Check(outputs, inputs);
    }

    private static List<Named> Reports(IReadOnlyList<string> paths) => [.. paths.Select(path => new Named($"--report {path}", path, path + ".part"))];

    private static List<Named> Inputs(FetchOptions options, IReadOnlyList<string> sources)
    {
        var inputs = new List<Named>();
        foreach (var source in sources)
        {
            if (source == "-")
            {
                inputs.Add(new Named("the list on standard input", Descriptor: 0));
            }
            else if (!UrlInput.IsUrl(source))
            {
                inputs.Add(new Named($"the list {source}", source));
            }
        }

        Add(inputs, "--cacert", options.CaCertPath);
        Add(inputs, "--cert", options.CertPath);
        Add(inputs, "--key", options.KeyPath);
        Add(inputs, "--proxy-cacert", options.Proxies?.CaCertPath);
        return inputs;
    }

    private static void Add(List<Named> files, string option, string? path)
    {
        if (!string.IsNullOrEmpty(path))
        {
            files.Add(new Named($"{option} {path}", path));
        }
    }

    private static void Check(List<Named> outputs, List<Named> inputs)
    {
        var written = new Dictionary<string, Named>();
        foreach (var output in outputs)
        {
            foreach (var key in output.Keys())
            {
                if (!written.TryAdd(key, output))
                {
                    throw Clash(written[key], output);
                }
            }
        }

        foreach (var input in inputs)
        {
            foreach (var key in input.Keys())
            {
                if (written.TryGetValue(key, out var output))
                {
                    throw Clash(output, input);
                }
            }
        }
    }

    private static UsageException Clash(Named one, Named other) => new($"{one.Name} and {other.Name} are the same file");

    /// <summary>A file of the run and what it is called in messages.</summary>
    private sealed class Named(string Name, string? Path = null, string? UnfinishedPath = null, int? Descriptor = null)
    {
        public string Name { get; } = Name;

        /// <summary>What tells it from others; nothing for a device, which many may write to.</summary>
        public IEnumerable<string> Keys()
        {
            if (Descriptor is { } number)
            {
                using var handle = new SafeFileHandle(number, ownsHandle: false);
                return !StandardStreams.IsClosed(number) && !Libc.StatAt(handle, "", out var facts).IsError && facts.IsRegular ? [KeyOf(facts.Id)] : [];
            }

            return ((string?[])[KeyOf(Path!), UnfinishedPath is null ? null : KeyOf(UnfinishedPath)]).OfType<string>();
        }

        private static string? KeyOf(string path)
        {
            if (!Libc.Stat(path, out var facts).IsError)
            {
                return facts.Kind is FileKind.Character or FileKind.Block ? null : KeyOf(facts.Id);
            }

            try
            {
                // What is not there yet is known by the folder it will be in.
                var target = System.IO.Path.GetFullPath(FileTarget.Of(path));
                return Libc.RealPath(System.IO.Path.GetDirectoryName(target) ?? "/") + "/" + System.IO.Path.GetFileName(target);
            }
            catch (IOException)
            {
                // Whoever opens it will say why it cannot be.
                return null;
            }
        }

        private static string KeyOf(FileId id) => string.Create(CultureInfo.InvariantCulture, $"{id.Device}:{id.Inode}");
    }
}
