using System.Text;
using Fetcher.Core;
using Fetcher.Core.Work.Sources;

namespace Fetcher.Tests.Fetch;

/// <summary>Input that cannot be read, before anything starts and later.</summary>
public sealed class UrlSourceFailureTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_missing_file_is_named() => Refusal(["http://a/", "no/such.txt"]).ShouldBe(
        "cannot read no/such.txt: no such file (a URL begins with its scheme, like http://)");

    [Fact]
    public void An_empty_name_is_no_file() => Refusal([""]).ShouldBe("cannot read '': not a file name");

    [Fact]
    public void A_directory_is_named() => Refusal([_directory.Path]).ShouldBe($"cannot read {_directory.Path}: it is a directory");

    [Fact]
    public void A_file_that_may_not_be_read_is_named()
    {
        var path = _directory.Write("secret.txt", "http://a/");
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(path, UnixFileMode.None);
        }

        Assert.SkipWhen(CanRead(path), "this user may read every file");

        Refusal([path]).ShouldBe($"cannot read {path}: permission denied");
    }

    [Theory]
    [InlineData("utf-16", true, "UTF-16")]
    [InlineData("utf-16BE", true, "UTF-16")]
    [InlineData("utf-32", true, "UTF-32")]
    [InlineData("utf-32BE", true, "UTF-32")]
    [InlineData("utf-16", false, "UTF-16LE")]
    [InlineData("utf-16BE", false, "UTF-16BE")]
    [InlineData("utf-32", false, "UTF-32")]
    [InlineData("utf-32BE", false, "UTF-32")]
    public void A_list_in_wide_characters_is_told_in_one_sentence(string name, bool marks, string expected)
    {
        var encoding = Encoding.GetEncoding(name);
        byte[] text = [.. marks ? encoding.GetPreamble() : [], .. encoding.GetBytes("http://a/1\r\nhttp://a/2\r\n")];
        var path = Path.Combine(_directory.Path, "urls.txt");
        File.WriteAllBytes(path, text);
        var sentence = $" is in {expected}, and lists are read as UTF-8: iconv -f {expected} -t UTF-8 converts it";

        Refusal([path]).ShouldBe(path + sentence);
        foreach (var pieces in (int[])[1, 3, 1000])
        {
            using var piped = SourceTesting.FromPipe(text, pieceSize: pieces);
            Should.Throw<SourceException>(() => piped.TakeAll()).Message.ShouldBe("-" + sentence);
        }
    }

    [Fact]
    public void Standard_input_is_given_once() => Refusal(["-", "http://a/", "-"]).ShouldContain("- may be given only once");

    [Fact]
    public void A_file_without_a_URL_is_refused_at_once()
    {
        var path = _directory.Write("urls.txt", "# nothing here\n\n");

        Refusal([path]).ShouldBe($"{path} holds no URL");
        Refusal([path, path]).ShouldBe("the sources hold no URL");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n# nothing\n")]
    public void A_pipe_without_a_URL_is_an_error_when_it_ends(string text)
    {
        using var source = SourceTesting.FromPipe(text, count: 2);

        Should.Throw<SourceException>(() => source.TakeAll()).Message.ShouldBe("standard input holds no URL");
    }

    [Fact]
    public void An_empty_file_is_an_error()
    {
        var path = _directory.Write("urls.txt", "");
        using var source = UrlSource.Open([path]);

        Should.Throw<SourceException>(() => source.TakeAll()).Message.ShouldBe($"{path} holds no URL");
    }

    [Fact]
    public void A_failure_while_reading_comes_after_what_was_read_and_to_everybody()
    {
        using var source = SourceTesting.FromPipe(new FailingStream("http://a/\nhttp://b"u8.ToArray()), count: 1, pieceSize: 100);

        source.TakeNext()!.Text.ShouldBe("http://a/");
        source.WaitUntilReady();
        var item = new UrlItem();
        for (var loop = 0; loop < 2; loop++)
        {
            Should.Throw<IOException>(() => source.TryTake(item)).Message.ShouldBe("cannot read standard input: the disk is gone");
        }
    }

    [Fact]
    public void A_pipe_that_somebody_made_non_blocking_is_waited_for()
    {
        using var source = SourceTesting.FromPipe(new HesitantStream("http://a/\n"u8.ToArray()), count: 1, pieceSize: 4);

        source.TakeAll().Select(item => item.Text).ShouldBe(["http://a/"]);
    }

    [Fact]
    public void A_file_that_goes_away_between_rounds_is_a_failure()
    {
        var path = _directory.Write("urls.txt", new string('#', UrlSource.LoadLimit) + "\nhttp://a/\n");
        var pipe = new PieceStream(new DeletingStream(path, "http://b/\n"u8.ToArray()), 100);
        using var source = UrlSource.Open([path, "-"], count: 2, () => pipe);

        source.TakeNext()!.Text.ShouldBe("http://a/");
        source.TakeNext()!.Text.ShouldBe("http://b/");
        Should.Throw<IOException>(() => source.TakeNext()).Message.ShouldStartWith($"cannot read {path}: no such file");
    }

    [Fact]
    public void A_list_that_is_given_up_has_an_end()
    {
        var source = SourceTesting.FromPipe("http://a/\n");
        source.WaitUntilReady();
        source.Dispose();

        source.TryTake(new UrlItem()).ShouldBe(TakeStatus.End);
        source.WaitUntilReady();
    }

    private static string Refusal(string[] sources) => Should.Throw<SourceException>(() => UrlSource.Open(sources)).Message;

    private static bool CanRead(string path)
    {
        try
        {
            File.OpenRead(path).Dispose();
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private sealed class FailingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) =>
            base.Read(buffer) is > 0 and var read ? read : throw new IOException("the disk is gone");
    }

    /// <summary>Has nothing to read every other time.</summary>
    private sealed class HesitantStream(byte[] bytes) : MemoryStream(bytes)
    {
        private bool _hesitates;

        public override int Read(Span<byte> buffer)
        {
            _hesitates = !_hesitates;
            return _hesitates ? throw new IOException("EAGAIN", hresult: 11) : base.Read(buffer);
        }
    }

    private sealed class DeletingStream(string path, byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer)
        {
            File.Delete(path);
            return base.Read(buffer);
        }
    }
}
