using Fetcher.Core;
using Fetcher.Core.Http;
using Fetcher.Core.Saving;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Saving;

/// <summary>curl's format of lists of hosts.</summary>
public sealed class HstsFileTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_curl_wrote_is_read_and_written_again()
    {
        File.WriteAllText(
            _folder["hsts"],
            "# Your HSTS cache. https://curl.se/docs/hsts.html\n.a.test \"20270102 03:04:05\"\nB.test \"unlimited\"\nold.test \"20200102 03:04:05\"\nrubbish\n\nx \"y\"\n");

        var list = HstsFile.Load(_folder["hsts"], _clock);
        HstsFile.Write(_folder["hsts"], list);

        list.All.ShouldBe([new HstsEntry("a.test", _clock.GetUtcNow().AddYears(1), true), new HstsEntry("b.test", DateTimeOffset.MaxValue, false)]);
        File.ReadAllLines(_folder["hsts"]).Where(line => line[0] != '#').ShouldBe([".a.test \"20270102 03:04:05\"", "b.test \"unlimited\""]);
    }

    [Fact]
    public void A_file_that_is_not_there_is_an_empty_list() => HstsFile.Load(_folder["none"], _clock).All.ShouldBeEmpty();

    [Fact]
    public void A_folder_is_refused() =>
        Should.Throw<FetchSetupException>(() => PrivateFile.EnsureWritable(_folder.Path, "the hosts of --hsts")).Message.ShouldContain("the hosts");
}
