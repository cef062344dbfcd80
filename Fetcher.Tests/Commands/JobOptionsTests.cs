using Fetcher.Commands;

namespace Fetcher.Tests.Commands;

/// <summary>Whose an option is when machines share a list.</summary>
public sealed class JobOptionsTests
{
    [Fact]
    public void Of_every_option_it_is_known_whether_it_goes_into_a_queue() =>
        FetchCommand.Create(CommandLineTesting.Modes, (_, _) => Task.FromResult(0)).Options
            .Where(option => !JobOptions.IsKnown(option)).Select(option => option.Name).ShouldBeEmpty();
}
