using System.Text.Json;
using Fetcher.Core;

namespace Fetcher.Queue;

/// <summary>Reads one record, field by field as <see cref="ResultRecordWriter"/> writes it.</summary>
/// <param name="before">The fields of the record before; then those of this one.</param>
/// <param name="bytes">The record, and what comes behind it.</param>
/// <exception cref="ArgumentException">The bytes end before, or are no record.</exception>
internal ref struct ResultRecordReader(ResultRecordState before, ReadOnlySpan<byte> bytes)
{
    private ColumnReader _bytes = new(bytes);
    private ulong _numbers, _texts;
    private int _number, _text;

    /// <summary>Bytes that come behind the record.</summary>
    public readonly int Left => _bytes.Rest.Length;

    /// <summary>Reads all fields.</summary>
    public void ReadTo(FetchResult result)
    {
        (_numbers, _texts) = ((ulong)_bytes.Number(), (ulong)_bytes.Number());
        result.Reset();
        ReadOutcome(result);
        ReadOrigin(result);
        ReadTimes(result);
        ReadRest(result);
        ReadUnprinted(result);
    }

    private void ReadOutcome(FetchResult result)
    {
        result.Index = Number();
        result.Url.Set(Text().Bytes);
        result.FinalUrl.Set(Text().Bytes);
        result.Mode = Text().Text ?? "";
        _ = Number();
        result.Status = Integer();
        result.HttpVersion = Text().Text;
        var (kind, message) = IsSet() ? (Text().Text, Text().Text) : default;
        var exitCode = Integer();
        result.Error = kind is null ? null : new FetchError(ResultLine.KindOf(kind), message ?? "", exitCode);
        result.Attempts = Integer();
        result.NumConnects = Integer();
        result.NumRedirects = Integer();
    }

    private void ReadOrigin(FetchResult result)
    {
        result.SizeDownload = Number();
        result.SizeBody = Number();
        result.Sha256 = Text().Text;
        result.SavedAs = Text().Text;
        result.ContentType = Text().Text;
        result.RemoteIp = Text().Text;
        result.RemotePort = Integer();
        result.LocalPort = Integer();
        result.Loop = Integer();
    }

    private void ReadTimes(FetchResult result)
    {
        result.Start = Time();
        result.TimeQueue = Time();
        result.TimeBegin = result.TimeNameLookup = Time();
        result.TimeConnect = Time();
        result.TimeAppConnect = Time();
        result.TimePreTransfer = Time();
        result.TimeStartTransfer = Time();
        result.TimeTotal = Time();
        result.ClientStall = Time();
    }

    private void ReadRest(FetchResult result)
    {
        result.StallBlocker = IsSet() ? new StallBlocker(Number(), Text().Text ?? "", Time()) : null;
        var isNumber = IsSet();
        result.Id = Text().Text is { } id ? new UrlId(id, isNumber) : null;
        result.Worker = Text().Text;
        ReadLists(result);
        result.TraceId = Text().Text;
    }

    private void ReadLists(FetchResult result)
    {
        try
        {
            var (headers, redirects) = (Text(), Text());
            result.Headers = headers.IsNull ? null : result.Headers ?? new HeaderFields([], keepsAll: false);
            result.Redirects = redirects.IsNull ? null : result.Redirects ?? [];
            if (result.Headers is not null)
            {
                var json = new Utf8JsonReader(headers.Bytes);
                ResultLine.ReadHeaders(ref json, result.Headers);
            }

            if (result.Redirects is not null)
            {
                var json = new Utf8JsonReader(redirects.Bytes);
                ResultLine.ReadRedirects(ref json, result.Redirects);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new ArgumentException("a list that is no JSON", e);
        }
    }

    private void ReadUnprinted(FetchResult result)
    {
        result.TimeBegin = Number() is >= 0 and var begin ? begin : result.TimeBegin;
        result.RobotsTime = Number();
        result.Method = IsSet() ? FetchMethod.Head : FetchMethod.Get;
        result.Skipped = IsSet();
        result.EndedInPause = IsSet();
        result.ETag.Set(Text().Bytes);
        result.LastModified.Set(Text().Bytes);
    }

    private long Number()
    {
        ref var value = ref before.Numbers[_number];
        if (((_numbers >> _number++) & 1) != 0)
        {
            value += Zigzag.From(_bytes.Number());
        }

        return value;
    }

    private int Integer() => checked((int)Number());

    private bool IsSet() => Number() != 0;

    private long Time() => checked(Number() * 1000);

    private ResultRecordState.Field Text()
    {
        var field = before.Texts[_text];
        if (((_texts >> _text) & 1) != 0)
        {
            ReadText(field);
        }

        _text++;
        return field;
    }

    private void ReadText(ResultRecordState.Field field)
    {
        var mark = _bytes.Count();
        if (mark == 0)
        {
            field.SetNull();
        }
        else if (mark == 1)
        {
            ArgumentOutOfRangeException.ThrowIfZero(_text);
            field.Set(before.Texts[_text - 1].Bytes);
        }
        else
        {
            var (tail, middle) = (_bytes.Count(), _bytes.Count());
            field.Set([.. field.Bytes[..(mark - 2)], .. _bytes.Bytes(middle), .. field.Bytes[^tail..]]);
        }
    }
}
