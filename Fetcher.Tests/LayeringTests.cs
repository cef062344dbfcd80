using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Fetcher.Commands;
using Fetcher.Core.Interop;
using Fetcher.Queue;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests;

/// <summary>
/// The rooms of the house, each a folder and a namespace: what stands in one uses what stands in those above it in the list, never what stands below. Read from the
/// compiled assemblies, so that it sees what a nested namespace takes from the one around it.
/// </summary>
public sealed partial class LayeringTests
{
    private static readonly string[] Rooms =
    [
        "Core",
        "Core.Interop",
        "Core.Loop.Watching",
        "Core.Loop",
        "Core.Loop.Uring",
        "Core.Net",
        "Core.Http.Names",
        "Core.Http",
        "Core.Http.Http2",
        "Core.Http.Cookies",
        "Core.Saving",
        "Core.Saving.Warc",
        "Core.Work",
        "Core.Work.Sources",
        "Core.Work.Journals",
        "Core.Exchange",
        "Core.DotNet",
        "Core.Hosts",
        "Core.Fetch.Bodies",
        "Core.Fetch",
        "Core.Modes",
        "Core.Runs",
        "Core.Client",
        "Core.Timing.Stalls",
        "Core.Timing",
        "Core.Timing.Comparison",
        "Core.Reports.Fields",
        "Core.Reports",
        "Core.Reports.WriteOut",
        "Queue",
        "Queue.Redis",
        "Terminal",
        "Lab",
        "Telemetry",
        "Commands",
        "Compare",
        "Lesson",
    ];

    /// <summary>Files in another folder than that of their namespace, and why.</summary>
    private static readonly (string File, string Reason)[] Strays =
    [
        ("Fetcher.Core/Client/FetchClient.cs", "the library's entry stands in the namespace that its users import"),
        ("Fetcher.Core/Client/FetchClient.Queue.cs", "the other part of it"),
        ("Fetcher.Core/Net/Proxies/ForwardProxy.cs", "the folder keeps what belongs together in sight; Net and it need each other"),
        ("Fetcher.Core/Net/Proxies/IHttpTunnel.cs", "as above"),
        ("Fetcher.Core/Net/Proxies/ProxyHandshake.cs", "as above"),
        ("Fetcher.Core/Net/Proxies/Socks5.cs", "as above"),
        ("Fetcher/Program.cs", "top-level statements have no namespace"),
    ];

    [Fact]
    public void A_room_uses_only_those_above_it() => Against()
        .Select(use => $"{use.User} in {use.From} uses {use.Used} of {use.To}")
        .Distinct()
        .ShouldBeEmpty();

    [Fact]
    public void Every_namespace_is_a_room() => Uses().Select(use => use.From).Distinct().ShouldBe(Rooms, ignoreOrder: true);

    [Fact]
    public void A_file_lies_in_the_folder_of_its_namespace() => SourceFiles()
        .Where(file => Path.GetDirectoryName(file)!.Replace('/', '.') != NamespaceOf().Match(File.ReadAllText(Path.Combine(Root(), file))).Groups[1].Value)
        .ShouldBe(Strays.Select(stray => stray.File), ignoreOrder: true);

    [Fact]
    public void Libc_is_called_in_Interop_alone() => SourceFiles()
        .Where(file => !file.StartsWith("Fetcher.Core/Interop/", StringComparison.Ordinal))
        .Where(file => File.ReadAllText(Path.Combine(Root(), file)).Contains("LibraryImport", StringComparison.Ordinal))
        .ShouldBeEmpty();

    [Fact]
    public void The_path_of_raw_sockets_uses_neither_Socket_nor_HttpClient() => SourceFiles()
        .Where(file => file.StartsWith("Fetcher.Core/", StringComparison.Ordinal) && !DotNetsOwnClient().IsMatch(Path.GetFileName(file)))
        .Where(file => HighLevelClients().IsMatch(File.ReadAllText(Path.Combine(Root(), file))))
        .ShouldBeEmpty();

    [Fact]
    public void The_path_of_HttpClient_makes_no_system_call_of_ours() => Uses()
        .Where(use => DotNetsOwnClient().IsMatch(use.User) && use is { To: "Core.Interop", Used: nameof(Libc) })
        .Select(use => use.User)
        .ShouldBeEmpty();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceOf();

    [GeneratedRegex("^(HttpClient|Client|DotNet|Pool)")]
    private static partial Regex DotNetsOwnClient();

    [GeneratedRegex(@"new (Socket|HttpClient|SocketsHttpHandler|NetworkStream|TcpClient)\(")]
    private static partial Regex HighLevelClients();

    /// <summary>What uses something below it.</summary>
    private static IEnumerable<(string From, string To, string User, string Used)> Against() =>
        Uses().Where(use => Array.IndexOf(Rooms, use.From) < Array.IndexOf(Rooms, use.To));

    private static IEnumerable<(string From, string To, string User, string Used)> Uses() =>
        from assembly in new[] { typeof(Libc).Assembly, typeof(ILeaseStore).Assembly, typeof(CommandLine).Assembly }
        from type in assembly.GetTypes()
        let room = RoomOf(type)
        where room is not null
        from used in TypeUses.Of(type)
        let other = RoomOf(used)
        where other is not null
        select (room, other, Outermost(type).Name, Outermost(used).Name);

    /// <summary>The room of a type of ours, or null when it is somebody else's or the compiler's.</summary>
    private static string? RoomOf(Type type) =>
        Outermost(type) == typeof(Core.FetchClient) ? "Core.Client"
        : Outermost(type).Namespace is { } name && name.StartsWith("Fetcher.", StringComparison.Ordinal) ? name["Fetcher.".Length..]
        : null;

    private static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    private static IEnumerable<string> SourceFiles() =>
        from project in (string[])["Fetcher.Core", "Fetcher.Queue", "Fetcher"]
        from file in Directory.EnumerateFiles(Path.Combine(Root(), project), "*.cs", SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(Root(), file)
        where relative.Split('/')[1] is not ("obj" or "bin")
        select relative;

    private static string Root([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..");
}
