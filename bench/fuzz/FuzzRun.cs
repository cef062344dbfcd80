using System.Diagnostics;

namespace Fetcher.Fuzz;

/// <summary>
/// Mutates what it has, gives it to a target, and keeps what took a way through the code not seen before, to mutate that further.
/// </summary>
internal sealed class FuzzRun
{
    private const int MostKept = 4096;

    private static readonly TimeSpan LongestInput = TimeSpan.FromSeconds(10);

    private readonly Target _target;
    private readonly List<byte[]> _pool;
    private readonly Coverage _coverage = new();
    private readonly Random _random;
    private readonly Mutator _mutator;
    private readonly byte[] _buffer = new byte[Mutator.MostBytes];
    private readonly int _seeds;
    private int _length;
    private long _startedAt;

    public FuzzRun(Target target, List<byte[]> seeds, int seed)
    {
        (_target, _pool) = (target, seeds);
        _seeds = seeds.Count;
        _random = new Random(seed);
        _mutator = new Mutator(_random, [.. seeds]);
    }

    public long Accepted { get; private set; }

    public int Steps => _coverage.Seen;

    /// <summary>Inputs kept beside the corpus.</summary>
    public int Kept => _pool.Count - _seeds;

    public TimeSpan Slowest { get; private set; }

    public string? Failure { get; private set; }

    /// <summary>The input of now, or the one that failed.</summary>
    public ReadOnlySpan<byte> Input => _buffer.AsSpan(0, _length);

    /// <returns>False when a promise was broken.</returns>
    public bool Run(long count)
    {
        using var watch = new Timer(_ => EndHang(), null, LongestInput, LongestInput);
        var given = 0L;
        foreach (var seed in _pool.ToArray())
        {
            _length = seed.Length;
            seed.CopyTo(_buffer, 0);
            if (!Give())
            {
                return false;
            }

            given++;
        }

        for (; given < count; given++)
        {
            // The corpus stays in play beside all that was found.
            _length = _mutator.Mutate(_pool[_random.Next(_random.Next(4) == 0 ? _seeds : _pool.Count)], _buffer);
            if (!Give())
            {
                return false;
            }
        }

        return true;
    }

    private bool Give()
    {
        _startedAt = Stopwatch.GetTimestamp();
        try
        {
            Coverage.Begin();
            Accepted += _target.Judge(Input, _length == 0 ? 0 : _random.Next(_length + 1)) ? 1 : 0;
            if (_coverage.IsNew() && _pool.Count < MostKept)
            {
                _pool.Add(Input.ToArray());
            }
        }
        catch (Exception e)
        {
            Failure = e.ToString();
            return false;
        }

        var took = Stopwatch.GetElapsedTime(_startedAt);
        Slowest = took > Slowest ? took : Slowest;
        return true;
    }

    private void EndHang()
    {
        if (Stopwatch.GetElapsedTime(Volatile.Read(ref _startedAt)) > LongestInput)
        {
            Console.WriteLine($"{_target.Name}: hangs\n{Corpus.Escape(Input)}");
            Environment.Exit(1);
        }
    }
}
