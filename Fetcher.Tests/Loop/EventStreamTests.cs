using Fetcher.Core.Loop;

namespace Fetcher.Tests.Loop;

/// <summary>For how long what comes to a loop may gather.</summary>
public sealed class EventStreamTests
{
    private const long Microsecond = 1000;

    private readonly EventStream _stream = new();
    private long _now;

    [Theory]
    [InlineData(1, 20, 1300, 130)]
    [InlineData(8, 400, 1300, 130)]
    [InlineData(16, 20, 5000, 200)]
    [InlineData(17, 20, 1300, 0)]
    [InlineData(8, 401, 1300, 0)]
    [InlineData(8, 20, 499, 0)]
    public void It_is_a_tenth_of_the_wait_where_little_comes_closely_behind(int came, int gap, int waited, int nap)
    {
        Look(gap, came, waited);
        Look(gap, came, waited);

        _stream.Nap.ShouldBe(nap * Microsecond);
    }

    [Fact]
    public void The_shortest_wait_counts()
    {
        Look(20, came: 3, waited: 1300);
        _stream.Note(700 * Microsecond);

        _stream.Nap.ShouldBe(70 * Microsecond);
    }

    [Fact]
    public void Not_after_a_look_that_brought_nothing_and_from_the_one_before_it_the_gap_is_counted()
    {
        Look(20, came: 1, waited: 1300);
        Look(20, came: 0, waited: 0);
        _stream.Nap.ShouldBe(0);

        Look(20, came: 1, waited: 1300);
        _stream.Nap.ShouldBe(130 * Microsecond);

        Look(20, came: 0, waited: 0);
        Look(40, came: 1, waited: 1300);
        _stream.Nap.ShouldBe(0);
    }

    [Theory]
    [InlineData(32 * 1024, 200)]
    [InlineData((32 * 1024) - 1, 0)]
    public void A_body_that_comes_fast_gathers_where_all_comes_over_one_connection(int bytes, int nap)
    {
        Look(170, came: 0, waited: 0);
        _stream.NoteFlow(bytes - 1000);
        _stream.NoteFlow(1000);

        _stream.NapAlone.ShouldBe(nap * Microsecond);
        _stream.Nap.ShouldBe(0);
    }

    [Fact]
    public void Not_when_an_answer_may_come_next_or_has_come_too()
    {
        Look(170, came: 0, waited: 0);
        _stream.NoteFlow(65536);
        _stream.NoteFlow(0);
        _stream.NapAlone.ShouldBe(0);

        Look(170, came: 1, waited: 100);
        _stream.NoteFlow(65536);
        _stream.NapAlone.ShouldBe(0);

        Look(170, came: 0, waited: 0);
        _stream.NapAlone.ShouldBe(0);
    }

    private void Look(int gap, int came, int waited)
    {
        _stream.BeginLook(_now += gap * Microsecond, isEmpty: came == 0);
        for (var i = 0; i < came; i++)
        {
            _stream.Note(waited * Microsecond);
        }
    }
}
