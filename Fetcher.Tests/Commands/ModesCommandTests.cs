using Fetcher.Commands;
using Fetcher.Core.Modes;
using Fetcher.Terminal;

namespace Fetcher.Tests.Commands;

/// <summary>The table of the modes.</summary>
public sealed class ModesCommandTests
{
    [Fact]
    public async Task Every_mode_has_its_row_in_the_order_of_the_catalog()
    {
        Subcommand[] subcommands = [new("modes", ModesCommand.Description, ModesCommand.Create)];

        var outcome = await CommandLineTesting.RunAsync(["modes"], subcommands);

        outcome.ExitStatus.ShouldBe(0);
        outcome.Error.ShouldBe("");
        var firsts = Lines(outcome.Output).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]);
        firsts.Intersect(ModeCatalog.All.Select(mode => mode.Name)).ShouldBe(ModeCatalog.All.Select(mode => mode.Name));
        outcome.Output.ShouldContain("async (epoll)");
    }

    [Fact]
    public void The_table_fits_100_columns_also_where_a_mode_has_much_to_say()
    {
        var output = new StringWriter();

        var missing = ModeCatalog.All[0] with
        {
            Name = "missing",
            Alias = "absent",
            Waiting = "by no means that this machine would have, however long one looks for them",
            WhyNot = _ => "this machine lacks what it needs, which takes a sentence of some length to tell",
        };

        ModesCommand.Write(output, TerminalStyle.Plain with { Width = 100 }, [.. ModeCatalog.All, missing]);

        Lines(output.ToString()).ShouldAllBe(line => line.Length <= 100);
        output.ToString().ShouldContain("no: ");
    }

    [Fact]
    public void A_narrow_terminal_has_a_paragraph_a_mode()
    {
        var output = new StringWriter();

        ModesCommand.Write(output, TerminalStyle.Plain with { Width = 40 }, ModeCatalog.All);

        Lines(output.ToString()).ShouldAllBe(line => line.Length <= 40);
        Lines(output.ToString()).ShouldContain("async (epoll)");
    }

    [Theory]
    [InlineData("epoll", "async")]
    [InlineData("async", "async")]
    [InlineData("httpclient", "httpclient")]
    [InlineData("nothing", null)]
    public void A_mode_is_found_by_either_name(string name, string? found) => (ModeCatalog.Find(name)?.Name).ShouldBe(found);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
