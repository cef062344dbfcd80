using System.Buffers;
using System.Text;
using System.Text.Json;
using Fetcher.Core;
using Fetcher.Core.Reports;

namespace Fetcher.Queue;

/// <summary>
/// A result on its way to the collector: its line of ndjson, and behind its fields what reports don't print and need all the same. A journal reads it as
/// one of its lines. Not safe for several threads.
/// </summary>
internal sealed class ResultLine : IDisposable
{
    private static readonly Dictionary<string, FetchErrorKind> Kinds = Enum.GetValues<FetchErrorKind>().ToDictionary(FetchError.NameOf);

    private readonly ResultJson _json = new();
    private readonly Utf8JsonWriter _more = new(Stream.Null);

    /// <summary>Writes the line with its end.</summary>
    public void Write(LineBuffer output, FetchResult result)
    {
        _json.Write(output, result, default);
        if (!HasMore(result))
        {
            output.Write("\n"u8);
            return;
        }

        // The members go on where the object ended: a comma takes the place of both braces.
        output.Length--;
        var start = output.Length;
        _more.Reset(output);
        _more.WriteStartObject();
        if (HasBegin(result))
        {
            _more.WriteNumber("time_begin_ns"u8, result.TimeBegin);
        }

        if (result.RobotsTime != 0)
        {
            _more.WriteNumber("time_robots_ns"u8, result.RobotsTime);
        }

        if (result.Skipped)
        {
            _more.WriteBoolean("skipped"u8, true);
        }

        if (result.EndedInPause)
        {
            _more.WriteBoolean("ended_in_pause"u8, true);
        }

        if (result.Method != FetchMethod.Get)
        {
            _more.WriteString("method"u8, FetchMethods.NameOf(result.Method));
        }

        Write("etag"u8, result.ETag);
        Write("last_modified"u8, result.LastModified);
        _more.WriteEndObject();
        _more.Flush();
        output.Replace(start, (byte)',');
        output.Write("\n"u8);
    }

    public void Dispose() => _more.Dispose();

    /// <summary>Reads a line without its end.</summary>
    /// <param name="line">The line.</param>
    /// <param name="result">Takes what it says.</param>
    /// <returns>False when it is no result's.</returns>
    public static bool TryRead(ReadOnlySpan<byte> line, FetchResult result)
    {
        result.Reset();
        (result.Headers, result.Redirects) = (null, null);
        try
        {
            var json = new Utf8JsonReader(line);
            json.Read();
            var members = 0;
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                members++;
                if (!TryReadOutcome(ref json, result) && !TryReadTime(ref json, result))
                {
                    json.Read();
                    json.Skip();
                }
            }

            return members > 0 && json.TokenType == JsonTokenType.EndObject;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    /// <summary>The kind of a failure by its name; that of a newer version is not known here.</summary>
    public static FetchErrorKind KindOf(string name) => Kinds.GetValueOrDefault(name, FetchErrorKind.Protocol);

    /// <summary>On a kept connection all times up to the request are one.</summary>
    private static bool HasBegin(FetchResult result) => result.TimeBegin != result.TimeNameLookup;

    private static bool HasMore(FetchResult result) =>
        HasBegin(result) || result is { Skipped: true } or { EndedInPause: true } or { RobotsTime: not 0 } or { Method: not FetchMethod.Get }
        || result.ETag.Length + result.LastModified.Length > 0;

    private static bool TryReadOutcome(ref Utf8JsonReader json, FetchResult result)
    {
        switch (Name(json))
        {
            case "index": result.Index = Integer(ref json); break;
            case "url": Set(ref json, result.Url); break;
            case "final_url": Set(ref json, result.FinalUrl); break;
            case "mode": result.Mode = Text(ref json) ?? ""; break;
            case "status": result.Status = (int)Integer(ref json); break;
            case "http_version": result.HttpVersion = Text(ref json); break;
            case "exitcode": ReadExitCode(ref json, result); break;
            case "error": ReadError(ref json, result); break;
            case "attempts": result.Attempts = (int)Integer(ref json); break;
            case "num_connects": result.NumConnects = (int)Integer(ref json); break;
            case "num_redirects": result.NumRedirects = (int)Integer(ref json); break;
            case "size_download": result.SizeDownload = Integer(ref json); break;
            case "size_body": result.SizeBody = Integer(ref json); break;
            case "sha256": result.Sha256 = Text(ref json); break;
            case "saved_as": result.SavedAs = Text(ref json); break;
            case "content_type": result.ContentType = Text(ref json); break;
            case "remote_ip": result.RemoteIp = Text(ref json); break;
            case "remote_port": result.RemotePort = (int)Integer(ref json); break;
            case "local_port": result.LocalPort = (int)Integer(ref json); break;
            case "loop": result.Loop = (int)Integer(ref json); break;
            case "worker": result.Worker = Text(ref json); break;
            case "trace_id": result.TraceId = Text(ref json); break;
            case "ended_in_pause": json.Read(); result.EndedInPause = json.GetBoolean(); break;
            case "skipped": json.Read(); result.Skipped = json.GetBoolean(); break;
            case "method": result.Method = Text(ref json) == "HEAD" ? FetchMethod.Head : FetchMethod.Get; break;
            case "etag": Set(ref json, result.ETag); break;
            case "last_modified": Set(ref json, result.LastModified); break;
            case "id": ReadId(ref json, result); break;
            case "headers": ReadHeaders(ref json, result.Headers ??= new HeaderFields([], keepsAll: false)); break;
            case "redirects": ReadRedirects(ref json, result.Redirects ??= []); break;
            default: return false;
        }

        return true;
    }

    private static bool TryReadTime(ref Utf8JsonReader json, FetchResult result)
    {
        switch (Name(json))
        {
            case "start": result.Start = Seconds(ref json); break;
            case "time_queue": result.TimeQueue = Seconds(ref json); break;
            case "time_namelookup": result.TimeBegin = result.TimeNameLookup = Seconds(ref json); break;
            case "time_connect": result.TimeConnect = Seconds(ref json); break;
            case "time_appconnect": result.TimeAppConnect = Seconds(ref json); break;
            case "time_pretransfer": result.TimePreTransfer = Seconds(ref json); break;
            case "time_starttransfer": result.TimeStartTransfer = Seconds(ref json); break;
            case "time_total": result.TimeTotal = Seconds(ref json); break;
            case "time_begin_ns": result.TimeBegin = Integer(ref json); break;
            case "time_robots_ns": result.RobotsTime = Integer(ref json); break;
            case "client_stall": result.ClientStall = Seconds(ref json); break;
            case "stall_blocker": ReadBlocker(ref json, result); break;
            default: return false;
        }

        return true;
    }

    private static void ReadError(ref Utf8JsonReader json, FetchResult result)
    {
        json.Read();
        if (json.TokenType == JsonTokenType.Null)
        {
            return;
        }

        var (kind, message) = (FetchErrorKind.Protocol, "");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("kind"u8))
            {
                kind = KindOf(Text(ref json) ?? "");
            }
            else
            {
                message = Text(ref json) ?? "";
            }
        }

        result.Error = new FetchError(kind, message, 0);
    }

    private static void ReadExitCode(ref Utf8JsonReader json, FetchResult result)
    {
        var code = (int)Integer(ref json);
        result.Error = result.Error is { } error ? error with { ExitCode = code } : null;
    }

    private static void ReadBlocker(ref Utf8JsonReader json, FetchResult result)
    {
        var (transfer, kind, cost) = (-1L, "", 0L);
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            switch (Name(json))
            {
                case "transfer": transfer = Integer(ref json); break;
                case "kind": kind = Text(ref json) ?? ""; break;
                default: cost = Seconds(ref json); break;
            }
        }

        result.StallBlocker = new StallBlocker(transfer, kind, cost);
    }

    /// <summary>Reads the value of <c>headers</c>.</summary>
    public static void ReadHeaders(ref Utf8JsonReader json, HeaderFields headers)
    {
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.StartArray)
        {
            headers.Add(Encoding.UTF8.GetBytes(Text(ref json) ?? ""), Encoding.UTF8.GetBytes(Text(ref json) ?? ""));
            json.Read();
        }
    }

    /// <summary>Reads the value of <c>redirects</c>.</summary>
    public static void ReadRedirects(ref Utf8JsonReader json, List<RedirectStep> redirects)
    {
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.StartObject)
        {
            var (url, status, location) = ("", 0, "");
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                switch (Name(json))
                {
                    case "url": url = Text(ref json) ?? ""; break;
                    case "status": status = (int)Integer(ref json); break;
                    default: location = Text(ref json) ?? ""; break;
                }
            }

            redirects.Add(new RedirectStep(url, status, location));
        }
    }

    private static void ReadId(ref Utf8JsonReader json, FetchResult result)
    {
        json.Read();
        result.Id = json.TokenType == JsonTokenType.Number
            ? new UrlId(Encoding.UTF8.GetString(json.ValueSpan), IsNumber: true)
            : new UrlId(json.GetString() ?? "");
    }

    private static string? Name(in Utf8JsonReader json) => json.GetString();

    private static string? Text(ref Utf8JsonReader json)
    {
        json.Read();
        return json.GetString();
    }

    private static long Integer(ref Utf8JsonReader json)
    {
        json.Read();
        return json.GetInt64();
    }

    /// <summary>Reports have microseconds.</summary>
    private static long Seconds(ref Utf8JsonReader json)
    {
        json.Read();
        return (long)Math.Round(json.GetDouble() * 1e6) * 1000;
    }

    private static void Set(ref Utf8JsonReader json, Utf8Text text) => text.Set(Text(ref json) ?? "");

    private void Write(ReadOnlySpan<byte> name, Utf8Text value)
    {
        if (value.Length > 0)
        {
            _more.WriteString(name, value.ToString());
        }
    }
}
