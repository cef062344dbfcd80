using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Fetcher.Core;
using Fetcher.Core.Interop;
using Fetcher.Core.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Saving;

/// <summary>Bodies as files: every mode, every framing, names that collide, and disks that fail.</summary>
public sealed class BodySavingTests : IDisposable
{
    private static readonly byte[] Large = RandomNumberGenerator.GetBytes(3_000_000);

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Modes => ModeRun.All;

    private FetchOptions Options => ModeRun.Options with { OutputDir = _folder["out"], Sha256 = true };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_saved_body_is_the_origins_in_every_framing(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                await connection.SendAsync(request.Split(' ')[1] switch
                {
                    "/length" => Ok(Large),
                    "/chunked" => ChunkedBytes(Large, 70_000),
                    "/small-chunks" => ChunkedBytes(Large.AsSpan(0, 50_000), 7),
                    "/gzip" => Ok(GZip(Large), "Content-Encoding: gzip\r\n"),
                    "/empty" => Ok([]),
                    _ => [.. "HTTP/1.0 200 OK\r\n\r\n"u8, .. Large],
                });
                if (request.StartsWith("GET /close", StringComparison.Ordinal))
                {
                    return;
                }
            }
        });

        string[] paths = ["length", "chunked", "small-chunks", "gzip", "empty", "close"];
        var outcomes = await ModeRun.FetchAsync(
            mode, Options with { Compressed = true, Concurrency = 6 }, [.. paths.Select(path => server.Url("/" + path))]);

        outcomes.ShouldAllBe(outcome => outcome.Ok);
        foreach (var (path, outcome) in paths.Zip(outcomes))
        {
            outcome.SavedAs.ShouldBe(_folder["out/" + path]);
            var expected = path switch { "empty" => [], "small-chunks" => Large[..50_000], _ => Large };
            var saved = await File.ReadAllBytesAsync(outcome.SavedAs!, TestContext.Current.CancellationToken);
            saved.AsSpan().SequenceEqual(expected).ShouldBeTrue(path);
            outcome.Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(expected)));
        }

        _folder.Files.Length.ShouldBe(paths.Length);
    }

    [Fact]
    public async Task Bodies_of_one_name_get_numbers_also_among_several_loops()
    {
        await using var server = new ScriptedServer(AnswerByPath(path => Ok(path)));
        var urls = Enumerable.Range(0, 60).Select(i => server.Url($"/{i}/name.txt")).ToArray();

        var outcomes = await ModeRun.FetchAsync("async", Options with { Concurrency = 12, Loops = 3 }, urls);

        outcomes.Select(outcome => outcome.SavedAs).Distinct().Count().ShouldBe(60);
        outcomes.ShouldAllBe(outcome => File.ReadAllText(outcome.SavedAs!) == "/" + outcome.Index + "/name.txt");
        _folder.Files.ShouldBe(["out/name.txt", .. Enumerable.Range(1, 59).Select(i => $"out/name.txt.{i}")], ignoreOrder: true);
    }

    [Fact]
    public async Task A_file_that_was_there_is_never_written_over()
    {
        Directory.CreateDirectory(_folder["out"]);
        await File.WriteAllTextAsync(_folder["out/a"], "mine", TestContext.Current.CancellationToken);
        await using var server = new ScriptedServer(Answer(Ok("new")));

        (await ModeRun.FetchOneAsync("async", server.Url("/a"), Options)).SavedAs.ShouldBe(_folder["out/a.1"]);

        (await File.ReadAllTextAsync(_folder["out/a"], TestContext.Current.CancellationToken)).ShouldBe("mine");
    }

    [Fact]
    public async Task Case_makes_two_names()
    {
        await using var server = new ScriptedServer(AnswerByPath(path => Ok(path)));

        await ModeRun.FetchAsync("async", Options, server.Url("/A"), server.Url("/a"));

        _folder.Files.ShouldBe(["out/A", "out/a"]);
    }

    [Fact]
    public async Task A_link_in_the_folder_is_not_followed()
    {
        Directory.CreateDirectory(_folder["out"]);
        Directory.CreateDirectory(_folder["elsewhere"]);
        Directory.CreateSymbolicLink(_folder["out/dir"], _folder["elsewhere"]);
        File.CreateSymbolicLink(_folder["out/file"], _folder["elsewhere/target"]);
        await using var server = new ScriptedServer(AnswerByPath(path => Ok(path)));

        var outcomes = await ModeRun.FetchAsync(
            "async", Options with { OutputTemplate = "{path}/{name}" }, server.Url("/dir/x"), server.Url("/file"));

        outcomes.Select(outcome => outcome.SavedAs).ShouldBe([_folder["out/dir.1/x"], _folder["out/file.1"]]);
        Directory.GetFileSystemEntries(_folder["elsewhere"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_and_a_folder_of_one_name_both_find_a_place()
    {
        await using var server = new ScriptedServer(AnswerByPath(path => Ok(path)));

        var outcomes = await ModeRun.FetchAsync(
            "async",
            Options with { OutputTemplate = "{path}/{name}" },
            [.. ((string[])["/a", "/a/b", "/c/d", "/c"]).Select(path => server.Url(path))]);

        outcomes.Select(outcome => Path.GetRelativePath(_folder["out"], outcome.SavedAs!)).ShouldBe(["a", "a.1/b", "c/d", "c.1"]);
    }

    [Fact]
    public async Task The_hash_of_the_body_can_be_its_name()
    {
        await using var server = new ScriptedServer(Answer(Ok("hello")));

        var options = Options with { Sha256 = false, OutputTemplate = "{sha256}.{ext}" };
        var outcome = await ModeRun.FetchOneAsync("async", server.Url("/a.txt"), options);

        outcome.SavedAs.ShouldBe(_folder[$"out/{Convert.ToHexStringLower(SHA256.HashData("hello"u8))}.txt"]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_failed_leaves_no_file(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            var path = (await connection.ReadRequestAsync())!.Split(' ')[1];
            await connection.SendAsync(
                path == "/404" ? Response("404 Not Found", "gone") : "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        });

        var outcomes = await ModeRun.FetchAsync(mode, Options, server.Url("/404"), server.Url("/short"));

        outcomes.ShouldAllBe(outcome => !outcome.Ok && outcome.SavedAs == null);
        _folder.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_there_is_not_fetched_again()
    {
        await using var server = new ScriptedServer(AnswerByPath(path => Ok(path)));
        string[] urls = [server.Url("/1/a"), server.Url("/2/a"), server.Url("/3/b")];
        var options = Options with { SkipExisting = true };

        var first = await ModeRun.FetchAsync("async", options, urls);
        var again = await ModeRun.FetchAsync("async", options, urls);

        server.Requests.Count.ShouldBe(3);
        again.ShouldAllBe(outcome => outcome.Ok && outcome.Attempts == 0);
        again.Select(outcome => outcome.SavedAs).ShouldBe(first.Select(outcome => outcome.SavedAs));
        again.ShouldAllBe(outcome => server.Url(File.ReadAllText(outcome.SavedAs!)) == outcome.Url);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_full_disk_fails_the_URL_and_no_other(string mode)
    {
        using var disk = TinyDisk.Mount(_folder["out"], "512k");
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                // A process that another test starts has a copy of the removed file's descriptor until execve(2), and that long the disk is full.
                var isLarge = request.StartsWith("GET /large ", StringComparison.Ordinal);
                await ModeRun.UntilAsync(() => isLarge || new DriveInfo(_folder["out"]).AvailableFreeSpace > 0);
                await connection.SendAsync(Ok(isLarge ? Large : "small"u8.ToArray()));
            }
        });

        var outcomes = await ModeRun.FetchAsync(mode, Options, server.Url("/large"), server.Url("/small"));

        (outcomes[0].Error, outcomes[0].ExitCode).ShouldBe((FetchErrorKind.Write, 23), outcomes[0].Message);
        outcomes[1].SavedAs.ShouldBe(_folder["out/small"], outcomes[1].Message);
        _folder.Files.ShouldBe(["out/small"]);
    }

    [Fact]
    public async Task A_saved_body_is_unlocked_while_a_child_process_has_its_descriptor()
    {
        IDisposable? child = null;
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(Ok(Large)[..^1]);
            await ModeRun.UntilAsync(() => _folder.Files.Length == 1);
            child = Descriptors.CopyThoseOf(_folder["out"] + "/");
            await connection.SendAsync([Large[^1]]);
        });

        var outcome = await ModeRun.FetchOneAsync("async", server.Url("/a"), Options);

        using var copies = child.ShouldNotBeNull();
        using var saved = File.OpenHandle(outcome.SavedAs!, share: FileShare.ReadWrite);
        Libc.TryLock(saved).IsError.ShouldBeFalse();
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_a_failure_of_the_URL()
    {
        Directory.CreateDirectory(_folder["out"]);
        await using var server = new ScriptedServer(Answer(Ok()));
        var sink = new MemorySink();
        var source = new MemorySource([server.Url("/a/b")]);
        using var disk = TinyDisk.Mount(_folder["out"], "64k,ro");

        await ModeRun.RunAsync("async", Options with { OutputTemplate = "{path}/{name}" }, source, sink);

        sink.Outcomes.ShouldHaveSingleItem().Error.ShouldBe(FetchErrorKind.Write);
    }

    [Fact]
    public void An_output_folder_that_is_a_file_is_refused()
    {
        File.WriteAllText(_folder["out"], "");

        Should.Throw<FetchSetupException>(() => new BodyStore(Options)).Message.ShouldContain(_folder["out"]);
    }

    private static Func<ScriptedConnection, Task> AnswerByBytes(Func<string, byte[]> response) => async connection =>
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            await connection.SendAsync(response(request.Split(' ')[1]));
        }
    };

    private static byte[] ChunkedBytes(ReadOnlySpan<byte> body, int size)
    {
        var coded = new MemoryStream();
        coded.Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8);
        while (!body.IsEmpty)
        {
            var chunk = body[..Math.Min(size, body.Length)];
            coded.Write(Encoding.ASCII.GetBytes($"{chunk.Length:x}\r\n"));
            coded.Write(chunk);
            coded.Write("\r\n"u8);
            body = body[chunk.Length..];
        }

        coded.Write("0\r\n\r\n"u8);
        return coded.ToArray();
    }

    private static byte[] GZip(byte[] body)
    {
        var coded = new MemoryStream();
        using (var encoder = new GZipStream(coded, CompressionMode.Compress))
        {
            encoder.Write(body);
        }

        return coded.ToArray();
    }
}
