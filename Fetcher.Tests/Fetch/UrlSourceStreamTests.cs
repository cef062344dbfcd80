using System.IO.Pipes;
using System.Text;
using Fetcher.Core;
using Fetcher.Core.Work.Sources;

namespace Fetcher.Tests.Fetch;

/// <summary>Lists that are longer than memory, or that nobody knows the end of yet.</summary>
public sealed class UrlSourceStreamTests
{
    private const int LineLength = 24;

    [Fact]
    public void A_line_is_there_as_soon_as_it_was_written()
    {
        using var writer = new AnonymousPipeServerStream(PipeDirection.Out);
        using var source = SourceTesting.FromPipe(writer);
        var item = new UrlItem();
        source.TryTake(item).ShouldBe(TakeStatus.Empty);

        for (var i = 0; i < 5; i++)
        {
            // Half a line is no line, a comment and a blank line wake nobody.
            writer.Write(Encoding.UTF8.GetBytes($"# comment\n\nhttp://host/{i}"));
            source.TryTake(item).ShouldBe(TakeStatus.Empty);
            writer.Write("\n"u8);
            source.WaitUntilReady();
            source.TryTake(item).ShouldBe(TakeStatus.Taken);
            TakenItem.From(item).ShouldBe(new TakenItem(i, $"http://host/{i}", "-", (3 * i) + 3, null));
            source.TryTake(item).ShouldBe(TakeStatus.Empty);
        }

        writer.Dispose();
        source.WaitUntilReady();
        source.TryTake(item).ShouldBe(TakeStatus.End);
    }

    [Fact]
    public void Who_waits_is_called_once_and_everybody_is()
    {
        using var writer = new AnonymousPipeServerStream(PipeDirection.Out);
        using var source = SourceTesting.FromPipe(writer);
        var calls = new int[3];
        using var called = new CountdownEvent(calls.Length);
        for (var i = 0; i < calls.Length; i++)
        {
            var loop = i;
            source.NotifyWhenReady(() =>
            {
                calls[loop]++;
                called.Signal();
            });
        }

        writer.Write("http://a/\n"u8);
        called.Wait(TimeSpan.FromSeconds(30)).ShouldBeTrue();
        source.TakeNext()!.Text.ShouldBe("http://a/");
        writer.Write("http://b/\n"u8);
        source.TakeNext()!.Text.ShouldBe("http://b/");

        calls.ShouldBe([1, 1, 1]);
    }

    [Fact]
    public void Giving_up_wakes_who_waits_although_the_read_goes_on()
    {
        using var writer = new AnonymousPipeServerStream(PipeDirection.Out);
        using var source = SourceTesting.FromPipe(writer);
        using var ready = new ManualResetEventSlim();
        source.NotifyWhenReady(ready.Set);
        ready.IsSet.ShouldBeFalse();

        source.Dispose();

        ready.Wait(TimeSpan.FromSeconds(30)).ShouldBeTrue();
        source.TryTake(new UrlItem()).ShouldBe(TakeStatus.End);
    }

    [Fact]
    public void A_million_lines_take_flat_memory_and_nothing_per_line()
    {
        const int Lines = 1_000_000;
        var endless = new LineStream(Lines);
        using var source = UrlSource.Open(["-"], count: 1, () => endless);
        var item = new UrlItem();
        item.Text.Set(new byte[LineLength]);
        using var ready = new ManualResetEventSlim();
        Action set = ready.Set;
        long taken = 0;
        long mostAhead = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var status = source.TryTake(item); status != TakeStatus.End; status = source.TryTake(item))
        {
            if (status == TakeStatus.Empty)
            {
                ready.Reset();
                source.NotifyWhenReady(set);
                ready.Wait();
                continue;
            }

            if (item.Index != taken || !item.Text.Span.EndsWith("/x"u8))
            {
                Assert.Fail($"line {taken} came as {item.Index}: {item.Text}");
            }

            taken++;
            mostAhead = Math.Max(mostAhead, endless.Given - (taken * LineLength));
        }

        taken.ShouldBe(Lines);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(Lines / 2);
        endless.AllocatedByReader.ShouldBeLessThan(Lines);
        mostAhead.ShouldBeLessThan(6 * LineBlock.Size);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Several_loops_take_each_line_exactly_once(bool streamed)
    {
        const int Loops = 4;
        var lines = streamed ? 100_000 : 10;
        var count = streamed ? 1 : 10_000;
        var text = string.Concat(Enumerable.Range(0, lines).Select(i => $"http://host/{i}\n"));
        using var directory = new TemporaryDirectory();
        using var source = streamed
            ? SourceTesting.FromPipe(text, pieceSize: 1000)
            : UrlSource.Open([directory.Write("urls.txt", text)], count);
        var texts = new string?[lines * count];
        var repeated = 0;

        var loops = Enumerable.Range(0, Loops).Select(_ => new Thread(() =>
        {
            while (source.TakeNext() is { } item)
            {
                if (Interlocked.Exchange(ref texts[item.Index], item.Text) is not null)
                {
                    Interlocked.Increment(ref repeated);
                }
            }
        })).ToArray();
        Array.ForEach(loops, loop => loop.Start());
        Array.ForEach(loops, loop => loop.Join());

        repeated.ShouldBe(0);
        Enumerable.Range(0, texts.Length).Count(i => texts[i] != $"http://host/{i % lines}").ShouldBe(0);
    }

    /// <summary>Gives as many lines of <see cref="LineLength"/> bytes as wanted, as much as fits at a time.</summary>
    private sealed class LineStream(long lines) : Stream
    {
        private readonly byte[] _line = "http://host.example/a/x\n"u8.ToArray();
        private long _allocatedAtFirst = -1;
        private long _given;

        public long Given => Volatile.Read(ref _given);

        public long AllocatedByReader { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            _allocatedAtFirst = _allocatedAtFirst < 0 ? allocated : _allocatedAtFirst;
            AllocatedByReader = allocated - _allocatedAtFirst;
            var length = (int)Math.Min(buffer.Length, (lines * LineLength) - _given);
            for (var i = 0; i < length; i++)
            {
                buffer[i] = _line[(int)((_given + i) % LineLength)];
            }

            Volatile.Write(ref _given, _given + length);
            return length;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
