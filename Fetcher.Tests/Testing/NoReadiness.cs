using Fetcher.Core.Loop;

namespace Fetcher.Tests.Testing;

/// <summary>Nobody tells a socket anything, and nobody waits for one.</summary>
internal sealed class NoReadiness : IReadiness
{
    public void Prepare(LoopSocket socket, Interest interest, long deadline) => throw new NotSupportedException();

    public LoopTask<bool> WaitAsync(LoopSocket socket, Interest interest, long deadline) => throw new NotSupportedException();

    public void Idle(LoopSocket socket)
    {
    }
}
