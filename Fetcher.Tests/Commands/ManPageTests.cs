using System.Runtime.CompilerServices;
using Fetcher.Commands;

namespace Fetcher.Tests.Commands;

/// <summary>The manual page and the program say the same.</summary>
public sealed class ManPageTests
{
    [Fact]
    public void The_page_in_docs_is_what_the_program_prints() =>
        File.ReadAllText(PathOfPage()).ShouldBe(ManPage.Of(AllCommands.Create()), "run: dotnet run --project Fetcher -- man >docs/fetcher.1");

    [Fact]
    public void Every_option_has_its_place()
    {
        var page = ManPage.Of(AllCommands.Create());
        foreach (var option in AllCommands.Create().SelectMany(command => command.Options).Where(option => !option.Hidden))
        {
            page.ShouldContain($"\\fB{option.Name.Replace("-", "\\-", StringComparison.Ordinal)}\\fR");
        }

        page.Split('\n').ShouldNotContain(line => line.StartsWith('\''));
    }

    private static string PathOfPage([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../docs/fetcher.1");
}
