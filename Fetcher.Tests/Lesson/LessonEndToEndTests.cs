using Fetcher.Tests.Reports;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Lesson;

/// <summary>The lesson by the built program.</summary>
public sealed class LessonEndToEndTests
{
    [Fact]
    public async Task A_chapter_is_measured_told_and_written_and_nothing_is_left_behind()
    {
        using var folder = new TempFolder();
        var page = Path.Combine(folder.Path, "lesson.html");
        var temp = Directory.CreateDirectory(Path.Combine(folder.Path, "tmp")).FullName;
        using var process = FetcherProcess.Start(["lesson", "--only", "11", "--quick", "--report", page], ("TMPDIR", temp));
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        (await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldBe("");
        process.ExitCode.ShouldBe(0);
        output.ShouldStartWith("11. In which order?\n");
        output.ShouldContain("On average a result could be used after");
        output.ShouldContain("\n  fetcher compare 'http://host.test/?");
        var html = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
        html.ShouldContain("<section id=\"c11\">");
        html.ShouldContain("public void Write(FetchResult result)");
        html.ShouldContain("<svg");
        html.ShouldEndWith("</html>\n");
        PageCheck.Problems(PageCheck.Load(html)).ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(temp).ShouldBeEmpty();
        Directory.EnumerateFiles(folder.Path).ShouldBe([page]);
    }

    [Theory]
    [InlineData("--only", "12")]
    [InlineData("--only", "1,x")]
    [InlineData("--report", "lesson.pdf")]
    public async Task What_is_no_lesson_is_wrong_usage(string option, string value) =>
        (await FetcherProcess.RunAsync("lesson", option, value)).ExitCode.ShouldBe(2);
}
