namespace Fetcher.Tests;

public sealed class SmokeTests
{
    [Fact]
    public void It_builds() => (1 + 1).ShouldBe(2);
}
