using Fetcher.Core.Modes;
using Fetcher.Lesson;

namespace Fetcher.Tests.Lesson;

public sealed class ChaptersTests
{
    public static TheoryData<int> Numbers => [.. Chapters.All.Select(chapter => chapter.Number)];

    [Fact]
    public void There_are_eleven_in_order() => Chapters.All.Select(chapter => chapter.Number).ShouldBe(Enumerable.Range(1, 11));

    [Theory]
    [MemberData(nameof(Numbers))]
    public void The_lines_that_a_chapter_shows_are_those_of_the_source(int number)
    {
        foreach (var snippet in Chapters.All[number - 1].Code)
        {
            var path = Directory.EnumerateFiles(Root(), snippet.File, SearchOption.AllDirectories).First(path => !path.Contains("/obj/") && !path.Contains("/bin/"));
            var first = int.Parse(snippet.Place.Split(':')[1]) - 1;
            var lines = File.ReadAllLines(path)[first..(first + snippet.Count)];

            lines[0].ShouldContain(snippet.From);
            snippet.Text.Split('\n').Select(line => line.Trim()).ShouldBe(lines.Select(line => line.Trim()));
            snippet.Text.ShouldStartWith(lines[0].TrimStart()[..3]);
        }
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void The_command_that_a_chapter_shows_is_the_one_that_is_run(int number)
    {
        var chapter = Chapters.All[number - 1];
        var (_, asked) = new LessonWork([chapter]).Of(chapter);

        asked.Lab.ShouldBeTrue();
        asked.Runs.ShouldBe(3);
        asked.Modes.ShouldAllBe(mode => ModeCatalog.Find(mode) != null);
        chapter.Command.ShouldStartWith("fetcher compare ");
        chapter.OfOneRound().Command.ShouldEndWith(chapter.Command.Replace("--runs 3", "--runs 1"));
        LessonWork.Parse(LessonWork.Words(chapter.OfOneRound().Arguments)).Runs.ShouldBe(1);
    }

    [Fact]
    public void What_several_chapters_need_is_measured_once()
    {
        var work = new LessonWork(Chapters.All);

        Chapters.All.Take(4).Select(chapter => work.Of(chapter).Key).Distinct().ShouldHaveSingleItem();
        work.Of(Chapters.All[0]).Invocation.Modes.ShouldBe(["sequential", "threads", "async", "blocking-read"], ignoreOrder: true);
        Chapters.All.Select(chapter => work.Of(chapter).Key).Distinct().Count().ShouldBe(8);
    }

    [Fact]
    public void A_command_line_is_parted_as_a_shell_does() =>
        LessonWork.Words("'a b?c' --lab  --modes x,y").ShouldBe(["a b?c", "--lab", "--modes", "x,y"]);

    private static string Root() => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../.."));
}
