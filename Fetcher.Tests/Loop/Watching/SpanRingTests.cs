using Fetcher.Core.Loop.Watching;

namespace Fetcher.Tests.Loop.Watching;

public sealed class SpanRingTests
{
    private const long Long = 1_000_000;
    private const long Piece = 1_000;

    private readonly SpanRing _ring = new(capacity: 8);
    private long _now;

    [Fact]
    public void Pieces_of_several_transfers_become_work_of_nobody()
    {
        Add(Piece, 1, SpanKind.Work);
        Add(Piece, 2, SpanKind.Callback);
        Add(Piece, 3, SpanKind.Work);
        Spans().ShouldBe([new LoopSpan(0, 3 * Piece, LoopSpan.Nobody, SpanKind.Work)]);
    }

    [Fact]
    public void Pieces_join_the_long_span_of_their_transfer()
    {
        Add(Long, 4, SpanKind.BlockingRead);
        Add(Piece, 4, SpanKind.Work);
        Add(Long, 4, SpanKind.BlockingRead);
        Add(Piece, 5, SpanKind.Work);
        Spans().ShouldBe(
            [new LoopSpan(0, (2 * Long) + Piece, 4, SpanKind.BlockingRead), new LoopSpan((2 * Long) + Piece, _now, 5, SpanKind.Work)]);
    }

    [Fact]
    public void Idle_time_joins_nothing()
    {
        Add(Piece, 1, SpanKind.Work);
        Add(Piece, LoopSpan.Nobody, SpanKind.Idle);
        Add(Piece, 1, SpanKind.Work);
        Spans().Select(span => span.Kind).ShouldBe([SpanKind.Work, SpanKind.Idle, SpanKind.Work]);
    }

    [Fact]
    public void The_oldest_are_forgotten_and_counted()
    {
        for (var i = 0; i < 20; i++)
        {
            Add(Long, i, SpanKind.Tls);
        }

        Spans().Select(span => span.Transfer).ShouldBe([12, 13, 14, 15, 16, 17, 18, 19]);
        _ring.Forgotten.ShouldBe(12);
    }

    [Fact]
    public void Those_between_two_moments_are_found_in_order()
    {
        for (var i = 0; i < 6; i++)
        {
            Add(Long, i, SpanKind.Tls);
        }

        var found = new List<long>();
        foreach (var span in _ring.Between((2 * Long) - 1, (3 * Long) + 1))
        {
            found.Add(span.Transfer);
        }

        found.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void A_reserved_place_takes_the_end_of_the_span_before_it()
    {
        Add(Long, LoopSpan.Nobody, SpanKind.Idle);
        var place = _ring.Reserve(_now, SpanKind.NotScheduled);
        Add(Long, 1, SpanKind.Tls);
        Spans().Count.ShouldBe(2);
        _ring.Extend(place, Long / 4, SpanKind.NotScheduled);
        Spans().Select(span => (span.Kind, span.From, span.To)).ShouldBe(
            [(SpanKind.Idle, 0, Long / 4), (SpanKind.NotScheduled, Long / 4, Long), (SpanKind.Tls, Long, 2 * Long)]);
    }

    private void Add(long length, long transfer, SpanKind kind) => _ring.Add(_now, _now += length, transfer, kind);

    private IReadOnlyList<LoopSpan> Spans() => _ring.CountedFrom(0);
}
