using Fetcher.Core;
using Fetcher.Core.Reports;

namespace Fetcher.Tests.Reports;

public sealed class MarkdownReportTests
{
    [Fact]
    public void A_report_leads_with_the_outcome_and_shows_times_cost_and_failures() =>
        Sample.WriteAll(new MarkdownReport(), Sample.Run("lab"), Sample.Result(), Sample.Result(1), Sample.Failed(2)).ShouldBe("""
            # fetcher

            2.000 s: 2 ok, 1 failed, 1.5 requests/s, 2.4 KiB, 1.2 KiB/s, async (lab)

            65 % of the transfers' time went to receiving bodies, 33 % to waiting for the first byte.

            | ms | min | mean | p50 | p90 | p95 | p99 | p99.9 | p99.99 | max |
            |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|
            | time_queue | 0.00 | 0.00 | 0.00 | 0.00 | 0.00 | 0.00 | 0.00 | 0.00 | 0.00 |
            | time_namelookup | 1.00 | 1.00 | 1.00 | 1.00 | 1.00 | 1.00 | 1.00 | 1.00 | 1.00 |
            | time_connect | 2.00 | 2.00 | 2.00 | 2.00 | 2.00 | 2.00 | 2.00 | 2.00 | 2.00 |
            | time_appconnect | 0.00 | 0.00 | 0.00 | 0.00 | 0.00 | 0.00 | 0.00 | 0.00 | 0.00 |
            | time_pretransfer | 2.00 | 2.00 | 2.00 | 2.00 | 2.00 | 2.00 | 2.00 | 2.00 | 2.00 |
            | time_starttransfer | 103.00 | 103.00 | 103.00 | 103.00 | 103.00 | 103.00 | 103.00 | 103.00 | 103.00 |
            | time_total | 4.00 | 202.00 | 299.89 | 301.00 | 301.00 | 301.00 | 301.00 | 301.00 | 301.00 |

            | | |
            |---|---|
            | CPU | 0.250 s user, 0.125 s system |
            | memory | 20.0 MiB at most |
            | switches | 1,000 voluntary, 10 involuntary |
            | requests | 5 connections opened, 0 redirects, 2 retries |
            | statuses | 200: 2 |
            | slowest host | a, 0.301 s |
            | machine | Linux 6.1.0, 2 x x64; fetcher 0.1.0 |

            ## Failures

            | kind | number | URL | message |
            |---|--:|---|---|
            | connect | 1 | http://b/ | connection refused |

            """.ReplaceLineEndings("\n"));

    [Fact]
    public void Without_failures_there_is_no_table_of_them() =>
        Sample.WriteAll(new MarkdownReport(), Sample.Run(), Sample.Result()).ShouldNotContain("Failures");

    [Fact]
    public void A_run_without_results_is_reported() => Sample.WriteAll(new MarkdownReport(), Sample.Run()).ShouldContain("0 ok, 0 failed");

    [Fact]
    public void Many_failures_are_counted_and_some_shown()
    {
        FetchResult[] results = [.. Enumerable.Range(0, 1234).Select(index => Sample.Failed(index, $"http://b/{index}"))];
        var report = Sample.WriteAll(new MarkdownReport(), Sample.Run(), results);
        report.ShouldContain("| connect | 1,234 | http://b/0 | connection refused |\n| connect |  | http://b/1 |");
        report.ShouldContain("| | | and 1,224 more | |");
        report.ShouldNotContain("http://b/10 ");
    }

    [Fact]
    public void Text_from_outside_cannot_end_a_cell_start_markup_or_move_the_cursor()
    {
        var failed = Sample.Failed(0, "http://b/|<img>\n", message: "*a* [b](c) `d` \u001b[31m");
        var report = Sample.WriteAll(new MarkdownReport(), Sample.Run(), failed);
        report.ShouldContain(@"| http://b/\|\<img\>\\u\{a\} | \*a\* \[b\](c) \`d\` \\u\{1b\}\[31m |");
    }
}
