namespace Fetcher.Core.Fetch;

/// <summary>
/// Lets at most so many transfers to one host be under way (<c>--per-host</c>), first come, first served. Shared by the loops; a waiting transfer keeps
/// its slot.
/// </summary>
internal sealed class HostGate(int capacity)
{
    private readonly Dictionary<string, Host> _hosts = new(StringComparer.OrdinalIgnoreCase);

    public bool IsOpen => capacity == 0;

    /// <summary>Asks for a place.</summary>
    /// <returns>Completed once there is one, on any thread. Give it back with <see cref="Leave"/>, whether it was waited for to the end or not.</returns>
    public TaskCompletionSource Enter(string name)
    {
        var place = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_hosts)
        {
            if (!_hosts.TryGetValue(name, out var host))
            {
                host = _hosts[name] = new Host();
            }

            if (host.UnderWay < capacity)
            {
                host.UnderWay++;
                place.SetResult();
            }
            else
            {
                host.Waiting.Enqueue(place);
            }
        }

        return place;
    }

    /// <summary>Gives a place back, or the wait for one.</summary>
    public void Leave(string name, TaskCompletionSource place)
    {
        lock (_hosts)
        {
            if (place.TrySetCanceled())
            {
                // It was still waiting, and its turn will be passed over.
                return;
            }

            var host = _hosts[name];
            while (host.Waiting.TryDequeue(out var next))
            {
                if (next.TrySetResult())
                {
                    return;
                }
            }

            if (--host.UnderWay == 0)
            {
                _hosts.Remove(name);
            }
        }
    }

    private sealed class Host
    {
        public int UnderWay { get; set; }

        public Queue<TaskCompletionSource> Waiting { get; } = new();
    }
}
