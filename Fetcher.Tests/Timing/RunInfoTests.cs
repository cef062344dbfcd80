using Fetcher.Core;
using Fetcher.Core.Timing;

namespace Fetcher.Tests.Timing;

public sealed class RunInfoTests
{
    [Fact]
    public void The_machine_and_the_version_fill_themselves_in()
    {
        var run = new RunInfo { Options = new FetchOptions { Mode = "poll" }, Sources = ["-"], Started = DateTimeOffset.UnixEpoch };
        run.Mode.ShouldBe("poll");
        run.Kernel.ShouldBe(File.ReadAllText("/proc/sys/kernel/osrelease").Trim());
        run.Version.ShouldBe(Fetcher.Core.ThisAssembly.Version);
        run.Cpus.ShouldBe(Environment.ProcessorCount);
        run.Architecture.ShouldBeOneOf("x64", "arm64");
    }
}
