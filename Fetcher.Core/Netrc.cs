using System.Text;

namespace Fetcher.Core;

/// <summary>
/// Users and passwords by host, from a file that ftp(1) had and curl reads (netrc(5)): <c>machine HOST login USER password PASSWORD</c>, with white space of any
/// kind between words; <c>default</c> is for every other host. Words may be in quotes; <c>macdef</c> and <c>account</c> are skipped.
/// </summary>
internal sealed class Netrc
{
    private readonly List<Entry> _entries = [];

    private Netrc()
    {
    }

    /// <summary>Options that have the file's content, where they name a file. One that is not there holds nothing, as with curl.</summary>
    /// <exception cref="FetchSetupException">It cannot be read.</exception>
    public static FetchOptions LoadInto(FetchOptions options)
    {
        if (options.NetrcPath is not { } path || options.Netrc is not null)
        {
            return options;
        }

        try
        {
            return options with { Netrc = Parse(File.Exists(path) ? File.ReadAllText(path) : "") };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FetchSetupException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads such a text.</summary>
    public static Netrc Parse(string text)
    {
        var netrc = new Netrc();
        var words = new Words(text);
        while (words.Next() is { } word)
        {
            switch (word)
            {
                case "machine" when words.Next() is { } host:
                    netrc._entries.Add(new Entry(host));
                    break;
                case "default":
                    netrc._entries.Add(new Entry(null));
                    break;
                case "login" when words.Next() is { } user && netrc._entries.Count > 0:
                    netrc._entries[^1].User = user;
                    break;
                case "password" when words.Next() is { } password && netrc._entries.Count > 0:
                    netrc._entries[^1].Password = password;
                    break;
                case "account":
                    words.Next();
                    break;
                case "macdef":
                    words.SkipMacro();
                    break;
                default:
                    break;
            }
        }

        return netrc;
    }

    /// <summary>User and password of a host, as <c>user:password</c>, or null.</summary>
    /// <param name="host">The host, in lower case.</param>
    /// <param name="user">The user whose password is looked for, or null for the first.</param>
    public string? Find(string host, string? user)
    {
        var entry = _entries.Find(entry => entry.Host is null
            ? user is null || entry.User == user
            : entry.Host.Equals(host, StringComparison.OrdinalIgnoreCase) && (user is null || entry.User == user));
        return entry is { User: { } name } ? $"{name}:{entry.Password}" : null;
    }

    /// <summary>Nothing that could end up in a log.</summary>
    public override string ToString() => $"{_entries.Count} entries";

    private sealed class Entry(string? host)
    {
        /// <summary>Null for every host.</summary>
        public string? Host { get; } = host;

        public string? User { get; set; }

        public string? Password { get; set; }
    }

    private sealed class Words(string text)
    {
        private int _at;

        /// <summary>The next word, or null at the end. A # at the beginning of a word begins a comment, up to the end of the line.</summary>
        public string? Next()
        {
            while (_at < text.Length && (char.IsWhiteSpace(text[_at]) || text[_at] == '#'))
            {
                _at = text[_at] == '#' ? EndOfLine() : _at + 1;
            }

            if (_at == text.Length)
            {
                return null;
            }

            if (text[_at] == '"')
            {
                return Quoted();
            }

            var start = _at;
            while (_at < text.Length && !char.IsWhiteSpace(text[_at]))
            {
                _at++;
            }

            return text[start.._at];
        }

        /// <summary>A macro goes up to an empty line.</summary>
        public void SkipMacro()
        {
            var end = text.IndexOf("\n\n", _at, StringComparison.Ordinal);
            _at = end < 0 ? text.Length : end;
        }

        private int EndOfLine() => text.IndexOf('\n', _at) is var end and >= 0 ? end : text.Length;

        private string Quoted()
        {
            var word = new StringBuilder();
            for (_at++; _at < text.Length && text[_at] != '"'; _at++)
            {
                if (text[_at] == '\\' && _at + 1 < text.Length)
                {
                    _at++;
                    word.Append(text[_at] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', var other => other });
                }
                else
                {
                    word.Append(text[_at]);
                }
            }

            _at = Math.Min(_at + 1, text.Length);
            return word.ToString();
        }
    }
}
