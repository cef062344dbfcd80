namespace Fetcher.Commands;

/// <summary>What curl's and wget's users type out of habit, and what it is called here.</summary>
internal static class OtherPrograms
{
    private static readonly Dictionary<string, string> Hints = new(StringComparer.Ordinal)
    {
        ["-s"] = "--format and -q say what is printed; bodies never are",
        ["--silent"] = "--format and -q say what is printed; bodies never are",
        ["-S"] = "errors are always shown",
        ["--show-error"] = "errors are always shown",
        ["-f"] = "a status of 400 or more is a failure already; --accept-status says which are not",
        ["--fail"] = "a status of 400 or more is a failure already; --accept-status says which are not",
        ["-o"] = "--output-dir DIR saves bodies, --report FILE writes a report",
        ["--output"] = "--output-dir DIR saves bodies, --report FILE writes a report",
        ["-O"] = "--output-dir DIR saves bodies under the names that their URLs have",
        ["--remote-name"] = "--output-dir DIR saves bodies under the names that their URLs have",
        ["-P"] = "--output-dir DIR saves bodies",
        ["-I"] = "a line of the list may ask for it: {\"url\":\"...\", \"method\":\"HEAD\"}",
        ["--head"] = "a line of the list may ask for it: {\"url\":\"...\", \"method\":\"HEAD\"}",
        ["-i"] = "the list is the first argument, and bodies are not printed",
        ["--input-file"] = "the list is the first argument",
        ["-d"] = "only GET and HEAD are made",
        ["--data"] = "only GET and HEAD are made",
        ["-X"] = "only GET and HEAD are made; a line of the list may say which: {\"url\":\"...\", \"method\":\"HEAD\"}",
        ["--request"] = "only GET and HEAD are made; a line of the list may say which: {\"url\":\"...\", \"method\":\"HEAD\"}",
        ["-Z"] = "transfers are parallel already; --concurrency says how many",
        ["--parallel"] = "transfers are parallel already; --concurrency says how many",
        ["-e"] = "-H 'Referer: URL' sends it",
        ["--referer"] = "-H 'Referer: URL' sends it",
        ["-r"] = "only what is listed is fetched; -H 'Range: bytes=...' asks for a part",
    };

    /// <summary>What to do instead of an option that is not known here; null where nobody would expect it.</summary>
    public static string? HintFor(string option) => Hints.GetValueOrDefault(option);
}
