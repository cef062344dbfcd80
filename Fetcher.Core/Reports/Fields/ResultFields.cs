using System.Runtime.CompilerServices;

namespace Fetcher.Core.Reports.Fields;

/// <summary>
/// The fields of a result, a line each: name, type, value, and what the documents say about it. ndjson, json, CSV and <c>--write-out</c> are written from this
/// list; the JSON schema, the manual page and docs/reports.md are held to it by tests.
/// </summary>
/// <remarks>Names, types and order are a contract with those who read reports: nothing is renamed, and a new field goes to the end.</remarks>
internal static class ResultFields
{
    /// <summary>Hands all fields of <paramref name="result"/> to <paramref name="to"/>, in the order of a line of ndjson.</summary>
    public static void WriteTo<T>(ref T to, FetchResult result)
        where T : struct, IFieldWriter, allows ref struct
    {
        WriteUrl(ref to, result);
        WriteOutcome(ref to, result);
        WriteSizes(ref to, result);
        WriteOrigin(ref to, result);
        WriteTimes(ref to, result);
        WriteRest(ref to, result);
    }

    /// <summary>Whether <see cref="WriteRest"/> has anything to write: most results have nothing of it.</summary>
    public static bool HasRest(FetchResult result) =>
        result.StallBlocker.HasValue || result.Id is not null || result.Worker is not null
        || result.Headers is not null || result.Redirects is not null || result.TraceId is not null;

    /// <summary>The fields behind the times, in the order of a line of ndjson.</summary>
    public static void WriteRest<T>(ref T to, FetchResult result)
        where T : struct, IFieldWriter, allows ref struct
    {
        WriteStallBlocker(ref to, result);
        WriteId(ref to, result);
        WriteWorker(ref to, result);
        WriteHead(ref to, result);
        WriteTrace(ref to, result);
    }

    /// <summary>The same in the order of the columns of CSV, whose readers go by place: <c>id</c> stood there before <c>stall_blocker</c> came.</summary>
    public static void WriteColumnsTo<T>(ref T to, FetchResult result)
        where T : struct, IFieldWriter, allows ref struct
    {
        WriteUrl(ref to, result);
        WriteOutcome(ref to, result);
        WriteSizes(ref to, result);
        WriteOrigin(ref to, result);
        WriteTimes(ref to, result);
        WriteId(ref to, result);
        WriteStallBlocker(ref to, result);
        WriteWorker(ref to, result);
        WriteHead(ref to, result);
        WriteTrace(ref to, result);
    }

    /// <summary>The URL and its place in the work.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteUrl<T>(ref T to, FetchResult result)
        where T : struct, IFieldWriter, allows ref struct
    {
        to.Integer("index"u8, result.Index, "Place in the work, from 0: URL k of the list in round r has index r x (length of the list) + k.");
        to.Text("url"u8, result.Url.Span, "The URL as given, without user info.");
        to.Text("final_url"u8, result.FinalUrl.Span, "The URL that answered last, after redirects; empty when no URL could be made of the line.");
    }

    /// <summary>Mode, status, error, attempts: mostly the same from one result to the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteOutcome<T>(ref T to, FetchResult result)
        where T : struct, IFieldWriter, allows ref struct
    {
        to.Text("mode"u8, result.Mode, "Name of the mode that fetched it.");
        to.Boolean("ok"u8, result.Ok, "Whether the URL was fetched whole with an accepted status.");
        to.Integer("status"u8, result.Status, "Status of the last response, or 0 without one.", maximum: 999);
        to.TextOrNull("http_version"u8, result.HttpVersion, "Version of the last response, or null without one.");
        var error = result.Error;
        if (to.BeginObject("error"u8, error is not null, isOptional: false, "Why the URL was not fetched, or null."))
        {
            to.Text("kind"u8, error?.KindName, "The phase or rule that failed.", definition: "errorKind");
            to.Text("message"u8, error?.Message, "One sentence for people.");
            to.EndObject();
        }

        to.Integer("exitcode"u8, result.ExitCode, "The exit code curl gives for the same outcome; 0 when ok.");
        to.Integer("attempts"u8, result.Attempts, "Attempts made, with the first; 0 when none was possible.");
        to.Integer("num_connects"u8, result.NumConnects, "Connections opened for it.");
        to.Integer("num_redirects"u8, result.NumRedirects, "Redirects followed.");
    }

    /// <summary>Bytes received.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteSizes<T>(ref T to, FetchResult result)
        where T : struct, IFieldWriter, allows ref struct
    {
        to.Integer("size_download"u8, result.SizeDownload, "Bytes of the body as sent: after transfer coding, before content coding.");
        to.Integer("size_body"u8, result.SizeBody, "Bytes of the body as the user gets it.");
    }

    /// <summary>The body and the peer: mostly the same from one result to the next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteOrigin<T>(ref T to, FetchResult result)
        where T : struct, IFieldWriter, allows ref struct
    {
        to.TextOrNull("sha256"u8, result.Sha256, "SHA-256 of the body as the user gets it, or null when not asked for.", pattern: "^[0-9a-f]{64}$");
        to.TextOrNull("saved_as"u8, result.SavedAs, "Path of the saved body, or null.");
        to.TextOrNull("content_type"u8, result.ContentType, "The Content-Type field of the last response, or null.");
        to.TextOrNull("remote_ip"u8, result.RemoteIp, "Address of the peer, or null when none was reached.");
        to.Integer("remote_port"u8, result.RemotePort, "Port of the peer, or 0.", maximum: 65535);
    }

    /// <summary>Local port, loop and times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteTimes<T>(ref T to, FetchResult result)
        where T : struct, IFieldWriter, allows ref struct
    {
        to.Integer("local_port"u8, result.LocalPort, "Port of this end, or 0.", maximum: 65535);
        to.Integer("loop"u8, result.Loop, "Which event loop or thread fetched it, from 0.");
        to.Seconds("start"u8, result.Start, "Start of the transfer, the moment it was due, from the start of the run.");
        to.Seconds("time_queue"u8, result.TimeQueue, "Time it waited, once due, for a free slot.");
        to.Seconds("time_namelookup"u8, result.TimeNameLookup, "Until the name was resolved.");
        to.Seconds("time_connect"u8, result.TimeConnect, "Until the connection was made.");
        to.Seconds("time_appconnect"u8, result.TimeAppConnect, "Until the TLS handshake was done; 0 without TLS.");
        to.Seconds("time_pretransfer"u8, result.TimePreTransfer, "Until the request was about to be sent.");
        to.Seconds("time_starttransfer"u8, result.TimeStartTransfer, "Until the first byte of the response.");
        to.Seconds("time_total"u8, result.TimeTotal, "Until the last byte of the body, or the failure.");
        to.Seconds(
            "client_stall"u8,
            result.ClientStall,
            "Time in which it could have gone on and waited for its event loop: bytes had arrived, it could send, its timer was due. 0 unless watched (--stalls).");
    }

    /// <summary>The worst blocker.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteStallBlocker<T>(ref T to, FetchResult result)
        where T : struct, IFieldWriter, allows ref struct
    {
        if (to.BeginObject(
            "stall_blocker"u8, result.StallBlocker.HasValue, isOptional: true, "What it waited for longest; absent when it did not wait for a millisecond."))
        {
            var blocker = result.StallBlocker.GetValueOrDefault();
            to.Integer("transfer"u8, blocker.Transfer, "Index of the transfer that held the loop; -1 for none, or many in turn.", minimum: -1);
            to.Text("kind"u8, blocker.Kind, "What held the loop.", definition: "spanKind");
            to.Seconds("cost"u8, blocker.Cost, "How long it waited behind that.");
            to.EndObject();
        }
    }

    /// <summary>The user's id.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteId<T>(ref T to, FetchResult result)
        where T : struct, IFieldWriter, allows ref struct =>
        to.Id("id"u8, result.Id, "The id that the line of the list gave the URL; absent when it gave none.");

    /// <summary>The machine, of a run on several.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteWorker<T>(ref T to, FetchResult result)
        where T : struct, IFieldWriter, allows ref struct =>
        to.TextIfAny("worker"u8, result.Worker, "Which worker fetched it (--queue); absent in a run without a queue.");

    /// <summary>The header section and the redirects before it, where asked for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteHead<T>(ref T to, FetchResult result)
        where T : struct, IFieldWriter, allows ref struct
    {
        to.List(
            "headers"u8,
            new ListValue(result.Headers),
            "Header fields of the last response, in the order received, repeated ones each time; absent unless asked for (--include-headers).",
            definition: "headers");
        to.List("redirects"u8, new ListValue(result.Redirects), "The redirects that were followed, in order; absent likewise.", definition: "redirects");
    }

    /// <summary>The trace, where there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteTrace<T>(ref T to, FetchResult result)
        where T : struct, IFieldWriter, allows ref struct =>
        to.TextIfAny("trace_id"u8, result.TraceId, "The trace that its requests are part of; absent unless they are traced (--traceparent, OTEL_EXPORTER_OTLP_ENDPOINT).");
}
