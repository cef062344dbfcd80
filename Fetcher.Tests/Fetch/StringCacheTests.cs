using System.Text;
using Fetcher.Core.Fetch;

namespace Fetcher.Tests.Fetch;

public sealed class StringCacheTests
{
    private readonly StringCache _cache = new();

    [Fact]
    public void Values_that_take_turns_are_one_string_each()
    {
        var first = (Html: _cache.Get("text/html"u8), Plain: _cache.Get("text/plain"u8));
        var second = (Html: _cache.Get("text/html"u8), Plain: _cache.Get("text/plain"u8));

        first.ShouldBe(("text/html", "text/plain"));
        second.Html.ShouldBeSameAs(first.Html);
        second.Plain.ShouldBeSameAs(first.Plain);
    }

    [Fact]
    public void An_empty_value_has_no_text() => _cache.Get([]).ShouldBeNull();

    [Fact]
    public void More_values_than_are_kept_are_right_as_well()
    {
        var values = Enumerable.Range(0, StringCache.Capacity * 2).Select(i => $"text/{i}").ToArray();
        foreach (var value in values.Concat(values))
        {
            _cache.Get(Encoding.ASCII.GetBytes(value)).ShouldBe(value);
        }
    }

    [Fact]
    public void Threads_that_ask_at_once_get_what_they_asked_for() =>
        Parallel.For(0, 10_000, i =>
        {
            var value = $"text/{i % 7}";
            _cache.Get(Encoding.ASCII.GetBytes(value)).ShouldBe(value);
        });
}
