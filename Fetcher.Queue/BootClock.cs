using Fetcher.Core.Interop;

namespace Fetcher.Queue;

/// <summary>A clock that goes on while the machine is suspended, as a lease does.</summary>
internal sealed class BootClock : TimeProvider
{
    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => Libc.BootTime();
}
