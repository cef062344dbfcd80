using Fetcher.Core.Http.Http2;

namespace Fetcher.Tests.Http.Http2;

public class Http2StreamTableTests
{
    private readonly Http2StreamTable _table = new();

    [Fact]
    public void A_stream_that_never_ends_is_found_however_many_come_after_it()
    {
        var first = Add(1);
        for (var id = 3; id < 5001; id += 2)
        {
            var stream = Add(id);
            Found(id).ShouldBe(stream);
            Found(1).ShouldBe(first);
            _table.Count.ShouldBe(2);
            _table.ShouldBe([first, stream], ignoreOrder: true);
            _table.Remove(stream);
            Found(id).ShouldBeNull();
        }

        _table.Remove(first);
        Found(1).ShouldBeNull();
        _table.Count.ShouldBe(0);
    }

    [Fact]
    public void More_streams_than_there_are_places_in_the_ring()
    {
        var streams = Enumerable.Range(0, 1000).Select(number => Add((2 * number) + 1)).ToArray();
        _table.Count.ShouldBe(1000);
        _table.ShouldBe(streams, ignoreOrder: true);
        streams.Select(stream => Found(stream.Id)).ShouldBe(streams);
        foreach (var stream in streams.Where(stream => stream.Id % 3 == 0))
        {
            _table.Remove(stream);
            _table.Remove(stream);
        }

        _table.ShouldBe(streams.Where(stream => stream.Id % 3 != 0), ignoreOrder: true);
        Found(3).ShouldBeNull();
        Found(2001).ShouldBeNull();
    }

    private Http2Stream Add(int id)
    {
        var stream = new Http2Stream();
        stream.Begin(id, isHead: false, window: 0, slack: 0, sendWindow: 0);
        _table.Add(stream);
        return stream;
    }

    private Http2Stream? Found(int id)
    {
        _table.TryGet(id, out var stream).ShouldBe(stream is not null);
        return stream;
    }
}
