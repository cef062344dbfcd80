using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Fetcher.Core;
using Fetcher.Core.Reports;

namespace Fetcher.Tests;

public class FailuresTests
{
    [Fact]
    public void The_list_has_every_failure_once()
    {
        var declared = typeof(Failures).GetFields(BindingFlags.Static | BindingFlags.Public)
            .Select(field => field.GetValue(null)).OfType<Failure>().ToList();

        Failures.All.ShouldBe(declared, ignoreOrder: true);
        Failures.All.Distinct().Count().ShouldBe(Failures.All.Count);
    }

    [Fact]
    public void Every_failure_is_told_by_its_own_sentence()
    {
        object[] details = [.. Enumerable.Range(1, 9).Select(number => (object)number)];
        foreach (var failure in Failures.All)
        {
            failure.Of(details).Message.ShouldBe(string.Format(CultureInfo.InvariantCulture, failure.Text, details));
        }
    }

    [Fact]
    public void Every_kind_of_error_has_a_failure()
    {
        Failures.All.Select(failure => failure.Kind).Distinct().ShouldBe(Enum.GetValues<FetchErrorKind>(), ignoreOrder: true);
    }

    [Fact]
    public void The_page_says_what_the_list_says()
    {
        var path = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "docs", "failures.md");
        var page = FailuresPage.Markdown();
        if (Environment.GetEnvironmentVariable("FETCHER_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, page);
        }

        File.ReadAllText(path).ShouldBe(page, "FETCHER_WRITE_DOCS=1 dotnet test --filter-class '*FailuresTests' writes the page anew");
    }

    [Theory]
    [InlineData(404, false)]
    [InlineData(408, true)]
    [InlineData(425, true)]
    [InlineData(429, true)]
    [InlineData(500, true)]
    [InlineData(501, false)]
    [InlineData(503, true)]
    public void A_status_that_may_be_another_next_time_is_transient(int status, bool isTransient)
    {
        var error = Failures.OfStatus(status);

        error.IsTransient.ShouldBe(isTransient);
        error.Message.ShouldBe($"the server answered {status}");
        error.ExitCode.ShouldBe(22);
    }

    [Fact]
    public void What_was_not_tried_is_not_tried_again_and_says_what_the_host_last_failed_with()
    {
        var last = Failures.NotReceived.Of("Connection reset by peer");

        var error = Failures.OfOpenCircuit("http://a.test", 20, last);

        error.Kind.ShouldBe(FetchErrorKind.Receive);
        error.ExitCode.ShouldBe(56);
        error.Blame.ShouldBe(FailureBlame.Final);
        error.Message.ShouldBe(
            "not tried: the circuit of http://a.test is open after 20 failures in a row; the last: receiving failed: Connection reset by peer");
    }

    [Fact]
    public void What_TLS_wraps_is_the_failure_that_the_socket_told()
    {
        var told = Failures.Silence.Of("received", 3.0).Thrown();

        Failures.Of(new IOException("wrapped", told)).ShouldBe(told.Error);
        told.Error.Message.ShouldBe("nothing could be received for 3 s");
        Failures.Of(new IOException("x", new OperationCanceledException())).ShouldBe(Failures.Stopped.Of());
        Failures.Of(new InvalidOperationException("why")).Message.ShouldBe("fetcher failed, which is a bug in it: InvalidOperationException: why");
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
