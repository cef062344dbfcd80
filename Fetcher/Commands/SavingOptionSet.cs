using System.CommandLine;
using Fetcher.Core;

namespace Fetcher.Commands;

/// <summary>Where bodies are saved, and what is recorded for the next run.</summary>
internal sealed class SavingOptionSet
{
    private readonly Option<string> _outputDir = CliOption.Value(
        "--output-dir", [], "DIR", "Save bodies in this folder, under names made of their URLs", OptionText.NotEmpty);

    private readonly Option<string> _outputTemplate = CliOption.Value(
        "--output-template", [], "TEMPLATE",
        "Their paths in it, made of {name} {path} {ext} {scheme} {host} {port} {query} {index} {sha256} {sha256:N} [default: {name}, {host}/{name} for several hosts]",
        OptionText.NotEmpty);

    private readonly Option<bool> _remoteHeaderName = CliOption.Flag(
        "--remote-header-name", ["-J"], "Name each body as its Content-Disposition says, where it does");

    private readonly Option<bool> _remoteTime = CliOption.Flag("--remote-time", ["-R"], "Give each body the time of its Last-Modified");

    private readonly Option<bool> _skipExisting = CliOption.Flag(
        "--skip-existing", [], "Skip URLs whose file exists; they count as fetched");

    private readonly Option<bool> _continue = CliOption.Flag(
        "--continue", ["-C"], "Keep a partial body, and fetch only its rest the next time; implies --skip-existing");

    /// <summary><c>--journal</c>.</summary>
    public Option<string> Journal { get; } = CliOption.Value(
        "--journal", [], "FILE",
        "Record in FILE what has been fetched; the same run with the same FILE fetches only what is missing",
        OptionText.NotEmpty);

    /// <summary><c>--revalidate</c>.</summary>
    public Option<string> Revalidate { get; } = CliOption.Value(
        "--revalidate", [], "FILE",
        "Fetch only what has changed since the run whose journal FILE is (ETag, Last-Modified); what has not counts as fetched",
        OptionText.ExistingFile);

    private readonly Option<string> _warc = CliOption.Value(
        "--warc",
        [],
        "FILE",
        "Archive every request and response in FILE (WARC 1.1), a new one; .warc.gz compresses",
        OptionText.NotEmpty);

    private readonly Option<long> _warcMaxSize = CliOption.Value(
        "--warc-max-size", [], "BYTES", "Go on in another archive, FILE-00001.warc.gz, once one is this long; k, M and G are known", OptionText.Bytes);

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(GroupedCommand command) => command.AddGroup(
        "Saving", _outputDir, _outputTemplate, _remoteHeaderName, _remoteTime, _skipExisting, _continue, Journal, Revalidate, _warc, _warcMaxSize);

    /// <summary>Whether it was said how bodies are named.</summary>
    public bool HasTemplate(ParseResult result) => result.Has(_outputTemplate);

    /// <summary>Adds what was given to <paramref name="options"/>.</summary>
    /// <exception cref="UsageException">An option lacks the folder that it is about.</exception>
    public FetchOptions Bind(ParseResult result, FetchOptions options)
    {
        foreach (var option in (Option[])[_outputTemplate, _remoteHeaderName, _remoteTime, _skipExisting, _continue])
        {
            if (result.Has(option) && !result.Has(_outputDir))
            {
                throw new UsageException($"{option.Name} needs --output-dir, the folder to save in");
            }
        }

        foreach (var option in (Option[])[_skipExisting, _continue])
        {
            if (result.Has(option) && result.Has(Revalidate))
            {
                throw new UsageException($"--revalidate and {option.Name} exclude each other: one asks about files that are there, the other does not");
            }
        }

        if (result.Has(Revalidate) && result.ValueOr(Journal, "") == result.GetRequiredValue(Revalidate))
        {
            throw new UsageException("--revalidate and --journal need two files: the journal of an earlier run, and that of this one");
        }

        if (result.Has(_warcMaxSize) && !result.Has(_warc))
        {
            throw new UsageException("--warc-max-size needs --warc, the archive that it is about");
        }

        return options with
        {
            RemoteHeaderName = result.Has(_remoteHeaderName),
            RemoteTime = result.Has(_remoteTime),
            WarcMaxSize = result.Has(_warcMaxSize) && result.GetRequiredValue(_warcMaxSize) is var size and < long.MaxValue ? size : null,
            OutputDir = result.ValueOr(_outputDir, null!),
            OutputTemplate = result.ValueOr(_outputTemplate, options.OutputTemplate),
            SkipExisting = result.Has(_skipExisting),
            Continue = result.Has(_continue),
            JournalPath = result.ValueOr(Journal, null!),
            RevalidatePath = result.ValueOr(Revalidate, null!),
            WarcPath = result.ValueOr(_warc, null!),
        };
    }
}
