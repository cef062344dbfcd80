using System.Buffers;
using System.Text;
using Fetcher.Core.Saving;

namespace Fetcher.Core.Work.Sources;

/// <summary>
/// One SOURCE of the command line: a URL, a file, or standard input. It can be read several times, also when it is a pipe.
/// </summary>
internal sealed class UrlInput : IDisposable
{
    /// <summary>"Try again", as .NET passes it on (errno(3), the same number on x64 and arm64).</summary>
    private const int Eagain = 11;

    private static readonly SearchValues<char> SchemeChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.");

    private readonly string? _path;
    private readonly Spool? _spool;
    private readonly long _start;
    private Stream? _stream;
    private ListText? _text;
    private bool _fromSpool;

    private UrlInput(string url, bool globs)
    {
        Name = Argument;
        try
        {
            // A line break would make two lines of it; with one in it, it is no URL anyway.
            Glob = globs && UrlGlob.IsGlob(url) && !url.Contains('\n', StringComparison.Ordinal) ? UrlGlob.Parse(url) : null;
        }
        catch (FormatException e)
        {
            Problem = e.Message;
        }

        if (Glob is null)
        {
            Url = Encoding.UTF8.GetBytes(url);
        }
        else
        {
            _stream = new GlobStream(Glob);
        }
    }

    private UrlInput(string name, string? path, Stream stream, bool again)
    {
        Name = name;
        if (!stream.CanSeek)
        {
            _stream = stream;
            _spool = again ? new Spool() : null;
            return;
        }

        _start = stream.Position;
        Length = IsPacked(stream) ? null : stream.Length - _start;
        if (path is null)
        {
            _stream = stream;
        }
        else
        {
            // Opened again for each round: a thousand files need no thousand descriptors.
            _path = path;
            stream.Dispose();
        }
    }

    /// <summary>What an input is called that is no file.</summary>
    public const string Argument = "argument";

    /// <summary>File name as given, "-", or <see cref="Argument"/>.</summary>
    public string Name { get; }

    /// <summary>The URL, when the SOURCE is one.</summary>
    public byte[]? Url { get; }

    /// <summary>The URLs, when the SOURCE is a pattern that stands for several; they are read as lines.</summary>
    public UrlGlob? Glob { get; }

    /// <summary>What is wrong with the pattern that <see cref="Url"/> has, or null.</summary>
    public string? Problem { get; }

    /// <summary>Bytes to read, when that is known (0 also for special files, which do not tell).</summary>
    public long? Length { get; }

    /// <summary>Opens what has to be opened, so that a SOURCE that cannot be read is known before anything starts.</summary>
    /// <param name="source">The argument.</param>
    /// <param name="again">Whether it will be read more than once.</param>
    /// <param name="options">How it is read.</param>
    /// <param name="openStandardInput">Opens what <c>-</c> stands for.</param>
    /// <exception cref="SourceException">The file is missing, unreadable or a directory.</exception>
    public static UrlInput Open(string source, bool again, ListOptions options, Func<Stream> openStandardInput)
    {
        if (IsUrl(source))
        {
            return new UrlInput(source, options.Globs);
        }

        if (options.DefaultScheme is { } scheme && source is not ("-" or "") && !Path.Exists(source))
        {
            return new UrlInput($"{scheme}://{source}", options.Globs);
        }

        try
        {
            return source == "-"
                ? new UrlInput("-", path: null, openStandardInput(), again)
                : new UrlInput(source, source, OpenFile(source), again);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Failure(source, e);
        }
    }

    /// <summary>Whether <paramref name="source"/> begins with a scheme and <c>://</c> (RFC 3986, section 3.1).</summary>
    public static bool IsUrl(string source)
    {
        var colon = source.IndexOf("://", StringComparison.Ordinal);
        return colon > 0 && char.IsAsciiLetter(source[0]) && !source.AsSpan(0, colon).ContainsAnyExcept(SchemeChars);
    }

    /// <summary>Goes to the beginning.</summary>
    /// <exception cref="SourceException">It cannot be read any more.</exception>
    public void Start()
    {
        try
        {
            if (_path is not null)
            {
                _stream = OpenFile(_path);
            }
            else if (_stream is { CanSeek: true })
            {
                _stream.Position = _start;
            }
            else if (_fromSpool)
            {
                _spool!.Rewind();
            }

            _text = Glob is not null ? null : new ListText(new PatientStream(_stream!), Describe(Name));
        }
        catch (Exception e) when (e is (IOException and not SourceException) or UnauthorizedAccessException)
        {
            throw Failure(Name, e);
        }
    }

    /// <summary>Reads on and waits as long as there is nothing; 0 at the end.</summary>
    /// <exception cref="SourceException">The input failed.</exception>
    public int Read(Span<byte> buffer)
    {
        try
        {
            if (_fromSpool)
            {
                return _spool!.Read(buffer);
            }

            var read = _text?.Read(buffer) ?? _stream!.Read(buffer);
            _spool?.Append(buffer[..read]);
            return read;
        }
        catch (Exception e) when (e is (IOException and not SourceException) or UnauthorizedAccessException)
        {
            throw Failure(Name, e);
        }
    }

    /// <summary>Ends one reading of it.</summary>
    public void Stop()
    {
        _text?.Dispose();
        _text = null;
        if (_path is not null)
        {
            _stream?.Dispose();
            _stream = null;
        }
        else if (_spool is not null)
        {
            _fromSpool = true;
        }
    }

    public void Dispose()
    {
        _text?.Dispose();
        _stream?.Dispose();
        _spool?.Dispose();
    }

    /// <summary>Whether a file is more than its lines, so that its length says nothing of theirs.</summary>
    private static bool IsPacked(Stream file)
    {
        var place = file.Position;
        Span<byte> start = stackalloc byte[ListText.StartLength];
        var isPacked = ListText.IsPacked(start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
        file.Position = place;
        return isPacked;
    }

    private static FileStream OpenFile(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Open,
        Access = FileAccess.Read,

        // Whoever writes the list may go on: sharing less would take a lock on it.
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
    });

    /// <summary>Waits where a read cannot. It leaves its stream open, which may be read again.</summary>
    private sealed class PatientStream(Stream stream) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer)
        {
            while (true)
            {
                try
                {
                    return stream.Read(buffer);
                }
                catch (IOException e) when (e.HResult == Eagain)
                {
                    // Rare: somebody who has the same pipe or terminal made it non-blocking for all.
                    Thread.Sleep(10);
                }
            }
        }
    }

    private static SourceException Failure(string source, Exception e) => new($"cannot read {Describe(source)}: {Reason(source, e)}", e);

    private static string Describe(string source) => source switch
    {
        "-" => "standard input",
        "" => "''",
        _ => source,
    };

    private static string Reason(string source, Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "no such file (a URL begins with its scheme, like http://)",
        _ when Directory.Exists(source) => "it is a directory",
        UnauthorizedAccessException => "permission denied",
        ArgumentException => "not a file name",
        _ => e.Message,
    };
}
