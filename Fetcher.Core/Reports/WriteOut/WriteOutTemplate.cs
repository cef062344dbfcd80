using System.Buffers;
using System.Text;

namespace Fetcher.Core.Reports.WriteOut;

/// <summary>
/// What <c>--write-out</c> prints for each URL, as curl(1) has it: text with <c>%{variable}</c>, <c>%header{name}</c>, <c>%%</c>, <c>\n</c>, <c>\r</c> and
/// <c>\t</c>; <c>%{stderr}</c> and <c>%{stdout}</c> say where what follows goes, and after <c>%{onerror}</c> the rest is for failures alone.
/// </summary>
internal sealed class WriteOutTemplate
{
    private readonly List<Piece> _pieces = [];
    private readonly List<string> _unknown = [];

    private WriteOutTemplate()
    {
    }

    /// <summary>Names of variables that stand for nothing here.</summary>
    public IReadOnlyList<string> Unknown => _unknown;

    /// <summary>Whether header fields of responses have to be copied for it.</summary>
    public bool UsesHeaders { get; private set; }

    /// <summary>Whether anything goes to standard error.</summary>
    public bool UsesStandardError => _pieces.Exists(piece => piece.ToStandardError);

    /// <summary>Reads a template. Every text is one; what is not known in it stands for itself, or for nothing.</summary>
    public static WriteOutTemplate Parse(string text) => new Parser(text).Parse();

    /// <summary>
    /// Writes what the template says of a result to one of its two places. For a terminal, values are escaped: some of them are a server's words.
    /// </summary>
    public void Write(IBufferWriter<byte> output, FetchResult result, bool toStandardError, bool isTerminal)
    {
        foreach (var piece in _pieces)
        {
            if (piece.ToStandardError != toStandardError || (piece.OnlyOnError && result.Ok))
            {
                continue;
            }

            if (isTerminal && piece.IsValue)
            {
                var value = new ArrayBufferWriter<byte>();
                piece.Write(value, result);
                output.Write(Encoding.UTF8.GetBytes(PrintableText.Of(Encoding.UTF8.GetString(value.WrittenSpan))));
            }
            else
            {
                piece.Write(output, result);
            }
        }
    }

    private sealed record Piece(WriteOutVariable Write, bool IsValue, bool ToStandardError, bool OnlyOnError);

    /// <summary>Takes a template apart.</summary>
    private sealed class Parser(string text)
    {
        private const string HeaderStart = "%header{";

        private readonly WriteOutTemplate _template = new();
        private readonly StringBuilder _literal = new();
        private bool _toStandardError;
        private bool _onlyOnError;

        public WriteOutTemplate Parse()
        {
            for (var i = 0; i < text.Length; i++)
            {
                var next = i + 1 < text.Length ? text[i + 1] : '\0';
                switch (text[i])
                {
                    case '%' when next == '%':
                        _literal.Append('%');
                        i++;
                        break;
                    case '%' when next == '{' && text.IndexOf('}', i) is > 0 and var end:
                        AddLiteral();
                        AddVariable(text[(i + 2)..end]);
                        i = end;
                        break;
                    case '%' when IsHeader(i, out var end):
                        AddLiteral();
                        AddHeader(text[(i + HeaderStart.Length)..end]);
                        i = end;
                        break;
                    case '\\' when next is 'n' or 'r' or 't':
                        _literal.Append(next switch { 'n' => '\n', 'r' => '\r', _ => '\t' });
                        i++;
                        break;
                    default:
                        _literal.Append(text[i]);
                        break;
                }
            }

            AddLiteral();
            return _template;
        }

        private bool IsHeader(int start, out int end)
        {
            end = text.AsSpan(start).StartsWith(HeaderStart) ? text.IndexOf('}', start) : -1;
            return end > 0;
        }

        private void AddHeader(string name)
        {
            _template.UsesHeaders = true;
            Add(WriteOutHeaders.Header(name), isValue: true);
        }

        private void AddLiteral()
        {
            if (_literal.Length > 0)
            {
                var bytes = Encoding.UTF8.GetBytes(_literal.ToString());
                Add((output, _) => output.Write(bytes), isValue: false);
                _literal.Clear();
            }
        }

        private void AddVariable(string name)
        {
            switch (name)
            {
                case "stderr" or "stdout":
                    _toStandardError = name == "stderr";
                    break;
                case "onerror":
                    _onlyOnError = true;
                    break;
                default:
                    if (WriteOutVariables.Find(name) is { } variable)
                    {
                        _template.UsesHeaders |= WriteOutHeaders.Names.Contains(name);
                        Add(variable, isValue: true);
                    }
                    else
                    {
                        _template._unknown.Add(name);
                    }

                    break;
            }
        }

        private void Add(WriteOutVariable write, bool isValue) => _template._pieces.Add(new Piece(write, isValue, _toStandardError, _onlyOnError));
    }
}
