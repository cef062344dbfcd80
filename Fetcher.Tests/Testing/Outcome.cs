using Fetcher.Core;
using Fetcher.Core.Timing;

namespace Fetcher.Tests.Testing;

/// <summary>What a test looks at in a result, as values that stay.</summary>
internal sealed record Outcome
{
    public required long Index { get; init; }

    public required string Url { get; init; }

    public required string FinalUrl { get; init; }

    public required string Mode { get; init; }

    public required bool Ok { get; init; }

    public required int Status { get; init; }

    public required string? HttpVersion { get; init; }

    public required FetchErrorKind? Error { get; init; }

    public required string? Message { get; init; }

    public required int ExitCode { get; init; }

    public required int Attempts { get; init; }

    public required int NumConnects { get; init; }

    public required int NumRedirects { get; init; }

    public required long SizeDownload { get; init; }

    public required long SizeBody { get; init; }

    public required string? Sha256 { get; init; }

    public string? TraceId { get; init; }

    public required string? ContentType { get; init; }

    public required string? RemoteIp { get; init; }

    public required int RemotePort { get; init; }

    public required int LocalPort { get; init; }

    public required int Loop { get; init; }

    public required long Start { get; init; }

    public required PhaseDurations Phases { get; init; }

    public required long Queue { get; init; }

    public required long NameLookup { get; init; }

    public required long Connect { get; init; }

    public required long AppConnect { get; init; }

    public required long PreTransfer { get; init; }

    public required long StartTransfer { get; init; }

    public required long Total { get; init; }

    public required long ClientStall { get; init; }

    public required StallBlocker? StallBlocker { get; init; }

    public required string? SavedAs { get; init; }

    public required UrlId? Id { get; init; }

    public IReadOnlyList<ResponseHeader>? Headers { get; init; }

    public IReadOnlyList<RedirectStep>? Redirects { get; init; }

    public string? Reason { get; init; }

    public static Outcome From(FetchResult result) => new()
    {
        Index = result.Index,
        Url = result.Url.ToString(),
        FinalUrl = result.FinalUrl.ToString(),
        Mode = result.Mode,
        Ok = result.Ok,
        Status = result.Status,
        HttpVersion = result.HttpVersion,
        Error = result.Error?.Kind,
        Message = result.Error?.Message,
        ExitCode = result.ExitCode,
        Attempts = result.Attempts,
        NumConnects = result.NumConnects,
        NumRedirects = result.NumRedirects,
        SizeDownload = result.SizeDownload,
        SizeBody = result.SizeBody,
        Sha256 = result.Sha256,
        TraceId = result.TraceId,
        ContentType = result.ContentType,
        RemoteIp = result.RemoteIp,
        RemotePort = result.RemotePort,
        LocalPort = result.LocalPort,
        Loop = result.Loop,
        Start = result.Start,
        Phases = PhaseDurations.Of(result),
        Queue = result.TimeQueue,
        NameLookup = result.TimeNameLookup,
        Connect = result.TimeConnect,
        AppConnect = result.TimeAppConnect,
        PreTransfer = result.TimePreTransfer,
        StartTransfer = result.TimeStartTransfer,
        Total = result.TimeTotal,
        ClientStall = result.ClientStall,
        StallBlocker = result.StallBlocker,
        SavedAs = result.SavedAs,
        Id = result.Id,
        Headers = result.Headers?.ToList(),
        Redirects = result.Redirects?.ToArray(),
        Reason = result.Headers?.Reason.ToString(),
    };
}
