using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop.Watching;

/// <summary>What a loop's thread spends its time on, finer than <see cref="SpanKind"/>. Each system call is one more, from <see cref="FirstSyscall"/> on.</summary>
internal enum Activity
{
    Idle, Blocked, Parse, Tls, Decode, CpuBurst, Callback, GcPause, NotScheduled, Other, FirstSyscall,
}

/// <summary>Names and kinds of <see cref="Activity"/>.</summary>
internal static class Activities
{
    /// <summary>How many there are, with the system calls.</summary>
    public static int Count { get; } = (int)Activity.FirstSyscall + Enum.GetValues<Syscall>().Length;

    public static Activity Of(Syscall call) => call == Syscall.ClockNanosleep ? Activity.Idle : Activity.FirstSyscall + (int)call;

    /// <summary>The name in a loop's budget.</summary>
    public static string NameOf(Activity activity) => activity switch
    {
        Activity.Idle => "idle",
        Activity.Blocked => "blocked",
        Activity.Parse => "parse",
        Activity.Tls => "tls",
        Activity.Decode => "decode",
        Activity.CpuBurst => "cpu burst",
        Activity.Callback => "callback",
        Activity.GcPause => "gc pause",
        Activity.NotScheduled => "not scheduled",
        Activity.Other => "other",
        _ => SyscallCounters.NameOf((Syscall)(activity - Activity.FirstSyscall)),
    };

    /// <summary>What it is to those who wait behind it.</summary>
    public static SpanKind KindOf(Activity activity) => activity switch
    {
        Activity.Idle => SpanKind.Idle,
        Activity.Blocked => SpanKind.BlockingRead,
        Activity.Tls => SpanKind.Tls,
        Activity.Decode => SpanKind.Decode,
        Activity.CpuBurst => SpanKind.CpuBurst,
        Activity.Callback => SpanKind.Callback,
        Activity.GcPause => SpanKind.GcPause,
        Activity.NotScheduled => SpanKind.NotScheduled,
        _ => SpanKind.Work,
    };
}
