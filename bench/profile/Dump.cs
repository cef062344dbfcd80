using System.Globalization;

namespace Fetcher.Profile;

/// <summary>What was counted at one place of a method.</summary>
/// <param name="Kind">The runtime's <c>PgoInstrumentationKind</c>; its low four bits are the kind of each value.</param>
/// <param name="Offset">Where in the method's IL.</param>
/// <param name="Other">Where an edge leads to, or flags.</param>
/// <param name="Counts">How often, or null.</param>
/// <param name="Seen">Samples of the types or methods that were met there, by name, or null.</param>
internal sealed record Counter(int Kind, int Offset, int Other, long[]? Counts, List<string>? Seen);

/// <summary>What was counted in one method.</summary>
/// <param name="Name">Its type, arguments and all, and its own name.</param>
/// <param name="Signature">Its parameters, as the runtime writes them.</param>
/// <param name="IlSize">The bytes of its IL.</param>
/// <param name="Counters">By their offsets.</param>
internal sealed record CountedMethod(string Name, string Signature, int IlSize, List<Counter> Counters);

/// <summary>Reads the text that .NET writes of its instrumentation, with <c>DOTNET_WritePGOData=1</c> (pgo.cpp of the runtime).</summary>
internal static class Dump
{
    /// <summary>The kinds of values.</summary>
    private const int Nothing = 0, FourBytes = 1, EightBytes = 2, Kinds = 15;

    private const string MethodMark = "@@@ ", NameMark = "MethodName: ", SignatureMark = "Signature: ", CounterMark = "Schema ";

    public static List<CountedMethod> Read(string path)
    {
        var methods = new List<CountedMethod>();
        using var lines = File.ReadLines(path).GetEnumerator();
        var isThere = lines.MoveNext() && lines.MoveNext();
        while (isThere && lines.Current.StartsWith(MethodMark, StringComparison.Ordinal))
        {
            var ilSize = (int)NumberAfter(lines.Current, "ilSize 0x", NumberStyles.AllowHexSpecifier);
            var name = Next(lines)[NameMark.Length..];
            var signature = Next(lines)[SignatureMark.Length..];
            var counters = new List<Counter>();
            while ((isThere = lines.MoveNext()) && lines.Current.StartsWith(CounterMark, StringComparison.Ordinal))
            {
                counters.Add(ReadCounter(lines));
            }

            methods.Add(new CountedMethod(name, signature, ilSize, counters));
        }

        return methods;
    }

    /// <summary>
    /// Adds the counts of several runs. What was met stands as the first run had it that met something, since each samples as many however often it came there;
    /// and so does a method that was instrumented in two ways.
    /// </summary>
    public static IEnumerable<CountedMethod> Merge(IEnumerable<List<CountedMethod>> runs)
    {
        var all = new Dictionary<(string Name, string Signature, int IlSize), CountedMethod>();
        foreach (var run in runs)
        {
            // What stands there twice is a generic method, whose arguments the dump does not name.
            foreach (var method in run.GroupBy(method => (method.Name, method.Signature, method.IlSize)).Where(same => same.Count() == 1).Select(same => same.First()))
            {
                var key = (method.Name, method.Signature, method.IlSize);
                all[key] = all.TryGetValue(key, out var first) ? Sum(first, method) : method;
            }
        }

        return all.Values;
    }

    /// <summary>Whether a sample was not taken.</summary>
    public static bool IsNothing(string seen) => seen.EndsWith(": NULL", StringComparison.Ordinal);

    private static CountedMethod Sum(CountedMethod first, CountedMethod other)
    {
        if (!first.Counters.Select(Place).SequenceEqual(other.Counters.Select(Place)))
        {
            return first;
        }

        return first with { Counters = [.. first.Counters.Zip(other.Counters, Sum)] };

        static (int, int, int) Place(Counter counter) => (counter.Kind, counter.Offset, counter.Other);
    }

    private static Counter Sum(Counter first, Counter other) => first with
    {
        Counts = first.Counts?.Zip(other.Counts!, (one, two) => one + two).ToArray(),
        Seen = first.Seen is null || !first.Seen.TrueForAll(IsNothing) ? first.Seen : other.Seen,
    };

    private static Counter ReadCounter(IEnumerator<string> lines)
    {
        var line = lines.Current;
        var kind = (int)NumberAfter(line, "Kind ");
        var count = (int)NumberAfter(line, "Count ");
        var (counts, seen) = (new List<long>(), new List<string>());
        for (; count > 0; count--)
        {
            var value = Next(lines);
            switch (kind & Kinds)
            {
                case Nothing:
                    break;
                case FourBytes:
                    counts.Add(uint.Parse(value, CultureInfo.InvariantCulture));
                    break;
                case EightBytes:
                    var halves = value.Split(' ');
                    counts.Add((long)(uint.Parse(halves[0], CultureInfo.InvariantCulture) | ((ulong)uint.Parse(halves[1], CultureInfo.InvariantCulture) << 32)));
                    break;
                default:
                    seen.Add(value);
                    break;
            }
        }

        return new Counter(
            kind, (int)NumberAfter(line, "ILOffset "), (int)NumberAfter(line, "Other "), counts.Count > 0 ? [.. counts] : null, seen.Count > 0 ? seen : null);
    }

    private static string Next(IEnumerator<string> lines) => lines.MoveNext() ? lines.Current : throw new InvalidDataException("The dump ends in the middle of a method.");

    private static uint NumberAfter(string line, string mark, NumberStyles style = NumberStyles.None)
    {
        var rest = line.AsSpan(line.IndexOf(mark, StringComparison.Ordinal) + mark.Length);
        var end = rest.IndexOf(' ');
        return uint.Parse(end < 0 ? rest : rest[..end], style, CultureInfo.InvariantCulture);
    }
}
