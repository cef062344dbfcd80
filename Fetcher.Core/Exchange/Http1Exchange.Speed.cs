using Fetcher.Core.Net;

namespace Fetcher.Core.Exchange;

/// <summary>How fast and how slow the response may come.</summary>
internal sealed partial class Http1Exchange
{
    private readonly ReceivePace? _pace = ReceivePace.Of(options);
    private readonly SpeedFloor? _floor = SpeedFloor.Of(options);

    /// <summary>When the exchange has to be over, at its speed so far.</summary>
    private long Deadline => _floor is null ? _limits.Deadline : Math.Min(_limits.Deadline, _floor.Deadline);

    private async ValueTask WaitForPaceAsync(ReceivePace pace)
    {
        await _loop.DelayUntilAsync(Math.Min(pace.DueAt, _limits.Deadline)).ConfigureAwait(false);
        if (pace.DueAt > _limits.Deadline)
        {
            throw Failures.TimeOver.Of().Thrown();
        }
    }

    private void Ask(SpeedFloor floor)
    {
        floor.Ask(_loop.GetTimestamp());
        _connection.TotalDeadline = Deadline;
    }

    private void Count(SpeedFloor floor, int received)
    {
        floor.Count(received, _loop.GetTimestamp());
        _connection.TotalDeadline = Deadline;
    }
}
