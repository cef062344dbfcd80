using System.Text;
using System.Text.Json;
using Fetcher.Core.Http;

namespace Fetcher.Core.Work.Sources;

/// <summary>
/// A line of a list that is a JSON object instead of a URL:
/// <c>{"url":"http://a/","headers":{"Accept":"text/html","User-Agent":null},"method":"HEAD","save_as":"a/b.html","id":"x"}</c>.
/// Only <c>url</c> is needed. A header that is null is left out.
/// </summary>
internal static class JsonUrlLine
{
    /// <summary>Replaces the text of <paramref name="item"/>, which is such a line, by its URL, and sets its options or its problem.</summary>
    public static void Read(UrlItem item)
    {
        var line = new Line();
        try
        {
            var json = new Utf8JsonReader(item.Text.Span);
            json.Read();
            line.Read(ref json);
            item.Problem = line.Problem();
        }
        catch (JsonException e)
        {
            item.Problem = $"the line begins with {{ and is not valid JSON, at byte {e.BytePositionInLine + 1}";
        }
        catch (FormatException e)
        {
            item.Problem = e.Message;
        }
        catch (InvalidOperationException)
        {
            item.Problem = "the line has a name that is not valid Unicode";
        }

        // Without a URL nothing of the line is shown: its headers may hold secrets.
        item.Options = line.Options;
        item.Text.Set(line.Url ?? "");
    }

    private sealed class Line
    {
        private readonly List<RequestHeader> _headers = [];
        private readonly List<string> _removed = [];

        public string? Url { get; private set; }

        public UrlOptions Options { get; private set; } = new();

        /// <exception cref="JsonException">It is not valid JSON.</exception>
        /// <exception cref="FormatException">It says something that is not known.</exception>
        public void Read(ref Utf8JsonReader json)
        {
            // What is wrong is told at the end, so that the URL and the id, wherever they stand, are in the result.
            FormatException? problem = null;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.GetString()!;
                json.Read();
                try
                {
                    ReadMember(name, ref json);
                }
                catch (FormatException e)
                {
                    problem ??= e;
                    json.Skip();
                }
                catch (InvalidOperationException)
                {
                    // A \u escape that stands for half a character.
                    problem ??= new FormatException($"{name} is not valid Unicode");
                }
            }

            // Whatever follows the object is an error that the reader finds.
            json.Read();
            Options = Options with { Headers = _headers, RemovedHeaders = _removed };
            if (problem is not null)
            {
                throw problem;
            }
        }

        public string? Problem() =>
            Url is null ? "the line has no \"url\""
            : Options is { Method: FetchMethod.Head, SaveAs: not null } ? "save_as is of no use with HEAD, whose answer has no body"
            : Options is { Method: FetchMethod.Head, Sha256: not null } ? "sha256 is of no use with HEAD, whose answer has no body"
            : null;

        private void ReadMember(string name, ref Utf8JsonReader json)
        {
            switch (name)
            {
                case "url":
                    Url = Text(name, ref json);
                    break;
                case "headers":
                    ReadHeaders(ref json);
                    break;
                case "method":
                    Options = Options with { Method = Method(Text(name, ref json)) };
                    break;
                case "save_as":
                    Options = Options with { SaveAs = SaveAs(Text(name, ref json)) };
                    break;
                case "sha256":
                    Options = Options with { Sha256 = Sha256(Text(name, ref json)) };
                    break;
                case "id":
                    Options = Options with { Id = Id(ref json) };
                    break;
                default:
                    throw new FormatException($"\"{name}\" is none of url, headers, method, save_as, sha256, id");
            }
        }

        private void ReadHeaders(ref Utf8JsonReader json)
        {
            if (json.TokenType != JsonTokenType.StartObject)
            {
                throw new FormatException("headers is not an object");
            }

            string? problem = null;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.GetString()!;
                json.Read();
                problem ??= Header(name, ref json);
                json.Skip();
            }

            if (problem is not null)
            {
                throw new FormatException(problem);
            }
        }

        /// <summary>Adds a header; or says what is wrong with it, without its value, which may be a secret.</summary>
        private string? Header(string name, ref Utf8JsonReader json)
        {
            if (FieldCheck.WhyNoName(name) is { } reason)
            {
                return reason;
            }

            switch (json.TokenType)
            {
                case JsonTokenType.Null:
                    _removed.Add(name);
                    return null;
                case JsonTokenType.String:
                    var value = json.GetString()!.Trim(' ', '\t');
                    _headers.Add(new RequestHeader(name, value));
                    return FieldCheck.WhyNot(_headers[^1]);
                default:
                    return $"the value of header {name} is neither a string nor null";
            }
        }

        private static string Text(string name, ref Utf8JsonReader json) =>
            json.TokenType == JsonTokenType.String ? json.GetString()! : throw new FormatException($"{name} is not a string");

        private static FetchMethod Method(string text) => text switch
        {
            "GET" => FetchMethod.Get,
            "HEAD" => FetchMethod.Head,
            _ => throw new FormatException($"the method \"{text}\" is neither GET nor HEAD"),
        };

        private static string SaveAs(string path) =>
            path.Length > 0 && !path.EndsWith('/') ? path : throw new FormatException("save_as does not end in the name of a file");

        private static string Sha256(string text) =>
            text.Length == 64 && text.All(char.IsAsciiHexDigit) ? text.ToLowerInvariant() : throw new FormatException("sha256 is not 64 hexadecimal digits");

        private static UrlId? Id(ref Utf8JsonReader json) => json.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.String => new UrlId(json.GetString()!),
            JsonTokenType.Number => new UrlId(Encoding.ASCII.GetString(json.ValueSpan), IsNumber: true),
            _ => throw new FormatException("id is neither a string nor a number"),
        };
    }
}
