using Fetcher.Commands;

namespace Fetcher.Tests.Commands;

/// <summary>The help of every command: complete, in groups, and no wider than 100 columns.</summary>
public sealed class HelpTests
{
    public static TheoryData<string> Names => [.. AllCommands.Create().Select(command => command.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Help_fits_100_columns(string name) => HelpOf(name).Split('\n').ShouldAllBe(line => line.Length <= 100);

    [Theory, MemberData(nameof(Names))]
    public void Every_option_has_a_line_with_its_short_name_and_says_what_it_does(string name)
    {
        var help = HelpOf(name);
        foreach (var option in CommandOf(name).Options.Where(option => !option.Hidden))
        {
            var shortName = option.Aliases.FirstOrDefault(alias => alias.Length == 2);
            help.ShouldContain(option.Name.Length == 2 ? $"  {option.Name}, " : $"{(shortName is null ? "   " : shortName + ",")} {option.Name}");
            option.Description.ShouldNotBeNullOrEmpty(option.Name);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_option_stands_in_one_group(string name)
    {
        var command = CommandOf(name);
        var grouped = HelpWriter.GroupsOf(command).SelectMany(group => group.Options).Select(option => option.Name).ToArray();

        grouped.ShouldBeUnique();
        command.Options.Where(option => !option.Hidden).Select(option => option.Name).ShouldBeSubsetOf(grouped);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    public void Help_is_as_wide_as_the_terminal(int width)
    {
        var help = Asked(AllCommands.Create()[0], HelpWriter.All, width);

        help.Split('\n').Count(line => line.Length > Math.Max(width, 60)).ShouldBeLessThan(5);
        (help.Split('\n').Max(line => line.Length) > width - 10).ShouldBeTrue();
    }

    [Fact]
    public void The_short_help_fits_a_screen_and_names_the_categories()
    {
        var command = AllCommands.Create()[0];
        var help = Asked(command, null, 80);

        help.Split('\n').Length.ShouldBeLessThan(46);
        help.ShouldContain("fetcher compare urls.txt --count 10 --lab");
        help.ShouldContain("--concurrency N");
        foreach (var group in HelpWriter.GroupsOf(command))
        {
            help.ShouldContain(HelpWriter.CategoryOf(group));
            Asked(command, HelpWriter.CategoryOf(group), 80).ShouldContain($"{group.Title}:");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Each_command_has_its_own_exit_statuses(string name) =>
        HelpOf(name).Split("Exit status: ").Last().Contains("all fetched", StringComparison.Ordinal).ShouldBe(name == "fetcher");

    [Theory]
    [InlineData("fetcher")]
    [InlineData("compare")]
    public void The_exit_status_of_a_condition_is_told(string name) => HelpOf(name).Split("Exit status: ").Last().ShouldContain("3 a --fail-if holds");

    [Fact]
    public void The_help_of_the_lab_says_which_paths_are_not_found() => HelpOf("lab").ShouldContain("404 at the\nlab's own address");

    [Theory, MemberData(nameof(Names))]
    public void What_fetches_tells_of_the_variables_that_export_it(string name) =>
        HelpOf(name).Contains("OTEL_EXPORTER_OTLP_ENDPOINT", StringComparison.Ordinal).ShouldBe(name is "fetcher" or "worker");

    private static string Asked(System.CommandLine.Command command, string? category, int width)
    {
        using var output = new StringWriter();
        HelpWriter.WriteAsked(command, AllCommands.Subcommands, category, output, width);
        return output.ToString();
    }

    private static System.CommandLine.Command CommandOf(string name) => AllCommands.Create().Single(command => command.Name == name);

    private static string HelpOf(string name)
    {
        using var output = new StringWriter();
        HelpWriter.Write(CommandOf(name), name == "fetcher" ? AllCommands.Subcommands : [], output);
        return output.ToString();
    }
}
