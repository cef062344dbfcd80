
namespace Fetcher.Core.Timing;

/// <summary>The times of a result: curl's, cumulative from the start of the transfer.</summary>
internal enum TimeField
{
    Queue, NameLookup, Connect, AppConnect, PreTransfer, StartTransfer, Total,
}

/// <summary>Names and values of <see cref="TimeField"/>.</summary>
internal static class TimeFields
{
    public const int Count = (int)TimeField.Total + 1;

    /// <summary>The name in reports, as in curl's --write-out.</summary>
    public static string NameOf(TimeField field) => field switch
    {
        TimeField.Queue => "time_queue",
        TimeField.NameLookup => "time_namelookup",
        TimeField.Connect => "time_connect",
        TimeField.AppConnect => "time_appconnect",
        TimeField.PreTransfer => "time_pretransfer",
        TimeField.StartTransfer => "time_starttransfer",
        TimeField.Total => "time_total",
        _ => throw new ArgumentOutOfRangeException(nameof(field)),
    };

    /// <summary>The value in nanoseconds.</summary>
    public static long Of(FetchResult result, TimeField field) => field switch
    {
        TimeField.Queue => result.TimeQueue,
        TimeField.NameLookup => result.TimeNameLookup,
        TimeField.Connect => result.TimeConnect,
        TimeField.AppConnect => result.TimeAppConnect,
        TimeField.PreTransfer => result.TimePreTransfer,
        TimeField.StartTransfer => result.TimeStartTransfer,
        TimeField.Total => result.TimeTotal,
        _ => throw new ArgumentOutOfRangeException(nameof(field)),
    };
}
