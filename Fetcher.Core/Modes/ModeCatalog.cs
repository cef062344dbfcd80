namespace Fetcher.Core.Modes;

/// <summary>All modes, in the order in which the history of waiting went.</summary>
internal static class ModeCatalog
{
    public static IReadOnlyList<IMode> All { get; } =
    [
        new SequentialMode(),
        new ThreadsMode(),
        new BusyWaitMode(),
        new SelectMode(),
        new PollMode(),
        new BlockingReadMode(),
        new AsyncMode(),
        new IoUringMode(),
        new HttpClientMode(),
    ];

    /// <summary>The mode called <paramref name="name"/>, or null.</summary>
    public static IMode? Find(string name) => All.FirstOrDefault(mode => mode.Name == name || mode.Alias == name);
}
