namespace Fetcher.Core.Loop;

/// <summary>
/// The sockets that a loop watches, each under a token that events carry. A token is a place in the table (its lower 32 bits) and a generation (the upper):
/// places and descriptor numbers are used again, maybe within one batch of events, and the generation tells an event of the old socket from one of the new.
/// </summary>
/// <typeparam name="T">What stands for a socket.</typeparam>
internal sealed class SocketTable<T>
    where T : class
{
    private readonly Stack<int> _free = new();
    private T?[] _sockets = new T?[64];
    private ulong[] _tokens = new ulong[64];

    // Place 0 belongs to the loop's wake-up, whose token is 0.
    private int _places = 1;
    private uint _generation;

    /// <summary>All sockets that are in the table now.</summary>
    public IReadOnlyList<T> All => [.. _sockets.OfType<T>()];

    /// <summary>Places that have been in use: there are no more sockets, with the loop's wake-up.</summary>
    public int Places => _places;

    /// <summary>The place of a token.</summary>
    public static int PlaceOf(ulong token) => (int)(uint)token;

    /// <summary>Gives <paramref name="socket"/> a place.</summary>
    /// <returns>Its token, never 0.</returns>
    public ulong Add(T socket)
    {
        if (!_free.TryPop(out var place))
        {
            place = _places++;
            if (place == _sockets.Length)
            {
                Array.Resize(ref _sockets, 2 * place);
                Array.Resize(ref _tokens, 2 * place);
            }
        }

        var token = ((ulong)++_generation << 32) | (uint)place;
        _sockets[place] = socket;
        _tokens[place] = token;
        return token;
    }

    /// <summary>The socket of a token, or null when it has been removed since.</summary>
    public T? Find(ulong token) => _tokens[PlaceOf(token)] == token ? _sockets[PlaceOf(token)] : null;

    /// <summary>Frees the place of a token that is in the table.</summary>
    public void Remove(ulong token)
    {
        _sockets[PlaceOf(token)] = null;
        _free.Push(PlaceOf(token));
    }
}
