using Fetcher.Core;
using Fetcher.Queue;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Queue;

/// <summary>The rate of a job that several workers share.</summary>
public sealed class JobPaceTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch);

    private long Now => Nanoseconds.From(_clock.GetUtcNow() - DateTimeOffset.UnixEpoch);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(20)]
    [InlineData(100)]
    public async Task No_second_has_more_starts_than_asked_however_late_workers_are(int rate)
    {
        var starts = await StartsAsync(rate, workers: 3, latest: 150);

        starts.Zip(starts.Skip(rate)).ShouldAllBe(pair => pair.Second - pair.First > Second);
        starts.Count.ShouldBeGreaterThan(5 * rate);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(100)]
    public async Task A_job_has_nearly_all_the_starts_that_were_asked_when_workers_are_there_in_time(int rate) =>
        (await StartsAsync(rate, workers: 3, latest: 2)).Count.ShouldBeGreaterThan((int)(Seconds * rate * 0.9));

    private const long Second = 1_000_000_000;

    private const int Seconds = 40;

    /// <summary>When workers start that look after their places now and then.</summary>
    /// <param name="rate">Starts a second, as asked.</param>
    /// <param name="workers">How many workers.</param>
    /// <param name="latest">Milliseconds from one look to the next at most.</param>
    private async Task<List<long>> StartsAsync(int rate, int workers, int latest)
    {
        var store = new MemoryLeaseStore(_clock);
        await store.CreateAsync(new JobFacts { Version = "1" });
        var (chance, starts) = (new Random(1), new List<long>());
        var all = Enumerable.Range(0, workers).Select(_ => new JobPace(TimeSpan.FromSeconds(1.0 / rate))).ToArray();
        var looks = new long[workers];
        for (var millisecond = 0; millisecond < Seconds * 1000; millisecond++, _clock.Advance(TimeSpan.FromMilliseconds(1)))
        {
            for (var worker = 0; worker < workers; worker++)
            {
                if (looks[worker] > millisecond)
                {
                    continue;
                }

                looks[worker] = millisecond + chance.Next(1, latest + 1);
                var pace = all[worker];
                if (pace.IsToAsk(Now))
                {
                    pace.Hear(await pace.Ask(store, Now)(), Now);
                }

                if (pace.HasPlace(Now))
                {
                    pace.Take(Now);
                    starts.Add(Now);
                }
            }
        }

        return starts;
    }
}
