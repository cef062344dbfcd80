namespace Fetcher.Core;

/// <summary>How transfers wait for the network (docs/modes.md). A name is a mode, too: <c>Mode = "poll"</c>.</summary>
/// <param name="Name">Its name, as on the command line.</param>
public readonly record struct FetchMode(string Name)
{
    /// <summary>In epoll_wait(2), for everything: the default.</summary>
    public static FetchMode Async => new("async");

    /// <summary>In epoll_wait(2) for the request, in read(2) for the body: the mistake that the others are compared with.</summary>
    public static FetchMode BlockingRead => new("blocking-read");

    /// <summary>In each call, one URL after the other.</summary>
    public static FetchMode Sequential => new("sequential");

    /// <summary>In each call, on a thread for each transfer.</summary>
    public static FetchMode Threads => new("threads");

    /// <summary>Nowhere: tries all sockets again and again.</summary>
    public static FetchMode BusyWait => new("busy-wait");

    /// <summary>In select(2), for up to 1024 descriptors.</summary>
    public static FetchMode Select => new("select");

    /// <summary>In poll(2), over an array of all sockets.</summary>
    public static FetchMode Poll => new("poll");

    /// <summary>In io_uring_enter(2), for completions instead of readiness.</summary>
    public static FetchMode IoUring => new("io-uring");

    /// <summary>As .NET's own HttpClient does.</summary>
    public static FetchMode HttpClient => new("httpclient");

    /// <summary>The mode of a name. Whether there is such a one is checked when a client is made.</summary>
    public static implicit operator FetchMode(string name) => new(name);

    /// <summary>The name of a mode.</summary>
    public static implicit operator string(FetchMode mode) => mode.Name;

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
