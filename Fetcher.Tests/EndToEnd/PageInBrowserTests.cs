using Fetcher.Core.Reports;
using Fetcher.Tests.Compare;
using Fetcher.Tests.Reports;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.EndToEnd;

/// <summary>The pages in a browser: their script runs under their own policy, and does what it says.</summary>
public sealed class PageInBrowserTests
{
    [Fact]
    public async Task A_run_can_be_ordered_filtered_and_zoomed_by_keyboard()
    {
        Assert.SkipWhen(Chromium.Path is null, "there is no Chromium here");
        var results = Enumerable.Range(0, 3).Select(index => Sample.Result(index, $"http://{(char)('a' + index)}/")).ToArray();
        results[0].TimeTotal += 500 * Sample.Millisecond;
        using var folder = new TempFolder();
        var file = folder["run.html"];
        await File.WriteAllTextAsync(file, Sample.WriteAll(new HtmlReport(), Sample.Run(), results), TestContext.Current.CancellationToken);
        await using var page = await Chromium.OpenAsync(file);

        const string Fall = "document.querySelector('[data-waterfall]')";
        (await page.EvaluateAsync($"{Fall}.dataset.first")).GetString().ShouldBe("0");
        await page.EvaluateAsync($"(s => {{ s.value = 'end'; s.onchange(); }})({Fall}.querySelector('select'))");
        (await page.EvaluateAsync($"{Fall}.dataset.first")).GetString().ShouldBe("1");
        await page.EvaluateAsync($"(s => {{ s.value = 'c/'; s.oninput(); }})({Fall}.querySelector('input'))");
        (await page.EvaluateAsync($"{Fall}.dataset.first")).GetString().ShouldBe("2");
        (await page.EvaluateAsync($"{Fall}.querySelector('output').textContent")).GetString().ShouldBe("1 of 3");

        await page.EvaluateAsync($"{Fall}.querySelector('.zoomed').focus()");
        await page.PressAsync('+');
        (await page.EvaluateAsync($"{Fall}.dataset.zoom")).GetString().ShouldBe("2");
        (await page.EvaluateAsync($"{Fall}.querySelector('.zoomed').scrollWidth > 1.9 * {Fall}.querySelector('.zoomed').clientWidth")).GetBoolean().ShouldBeTrue();
        await page.PressAsync('0');
        (await page.EvaluateAsync($"{Fall}.dataset.zoom")).GetString().ShouldBe("1");
        page.Problems.ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_fingers_zoom_and_what_lies_between_them_stays_there()
    {
        Assert.SkipWhen(Chromium.Path is null, "there is no Chromium here");
        using var folder = new TempFolder();
        var file = folder["run.html"];
        await File.WriteAllTextAsync(
            file, Sample.WriteAll(new HtmlReport(), Sample.Run(), [.. Enumerable.Range(0, 3).Select(index => Sample.Result(index, $"http://{index}/"))]), TestContext.Current.CancellationToken);
        await using var page = await Chromium.OpenAsync(file);
        const string Scroller = "document.querySelector('[data-waterfall] .zoomed')";
        await page.EvaluateAsync($"{Scroller}.scrollIntoView({{ block: 'center', behavior: 'instant' }})");
        var at = await page.EvaluateAsync($"(b => [b.left + b.width / 4, b.top + b.height / 2])({Scroller}.getBoundingClientRect())");
        var (x, y) = (at[0].GetDouble(), at[1].GetDouble());

        // The first move says how far apart the fingers are.
        await page.PinchAsync(x, y, 40, 80, 160);

        (await ZoomAsync()).ShouldBe(2, 0.01);
        (await MiddleAsync()).ShouldBe(0.25, 0.01);

        // Fingers that are put down anew begin anew.
        await page.PinchAsync(x, y, 200, 160);
        (await ZoomAsync()).ShouldBe(2, 0.01);
        await page.PinchAsync(x, y, 200, 160, 80);
        (await ZoomAsync()).ShouldBe(1, 0.01);
        page.Problems.ShouldBeEmpty();

        async Task<double> ZoomAsync() => (await page.EvaluateAsync($"+{Scroller}.closest('[data-waterfall]').dataset.zoom")).GetDouble();

        async Task<double> MiddleAsync() => (await page.EvaluateAsync($"(s => (s.scrollLeft + s.clientWidth / 4) / s.scrollWidth)({Scroller})")).GetDouble();
    }

    [Fact]
    public async Task A_comparison_shows_the_waterfalls_that_are_chosen()
    {
        Assert.SkipWhen(Chromium.Path is null, "there is no Chromium here");
        var first = CompareSample.Mode("sequential", null, [1, 1, 1]);
        var point = new Core.Timing.Comparison.ComparisonPoint(
            null, [first, .. ((string[])["threads", "async"]).Select(mode => CompareSample.Mode(mode, first, [1, 1, 1]))]);
        using var folder = new TempFolder();
        var file = folder["compare.html"];
        await File.WriteAllTextAsync(file, CompareSample.Written(CompareHtml.Write, CompareSample.Result(point)), TestContext.Current.CancellationToken);
        await using var page = await Chromium.OpenAsync(file);

        const string Shown = "[...document.querySelectorAll('.which figure')].filter(f => f.offsetParent).map(f => f.dataset.waterfall).join()";
        (await page.EvaluateAsync(Shown)).GetString().ShouldBe("sequential,async");
        await page.EvaluateAsync("document.querySelector('#see-threads').click(); document.querySelector('#see-async').click()");
        (await page.EvaluateAsync(Shown)).GetString().ShouldBe("sequential,threads");
        page.Problems.ShouldBeEmpty();
    }
}
