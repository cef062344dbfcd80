using Fetcher.Commands;
using Fetcher.Compare;
using Fetcher.Core.Modes;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Lesson;

/// <summary>
/// The experiments of the chapters. Each is a command line of <c>fetcher compare</c>; those that differ only in their modes are measured together, so that
/// nothing is measured twice.
/// </summary>
internal sealed class LessonWork
{
    private const string ModesOption = "--modes";

    private readonly Dictionary<string, (string[] Other, List<string> Modes)> _works = [];

    /// <param name="chapters">The chapters to measure.</param>
    public LessonWork(IEnumerable<Chapter> chapters)
    {
        foreach (var chapter in chapters)
        {
            var (other, modes) = Split(chapter);
            if (!_works.TryGetValue(KeyOf(other), out var work))
            {
                _works.Add(KeyOf(other), work = (other, []));
            }

            work.Modes.AddRange(modes.Except(work.Modes));
        }
    }

    /// <summary>The comparison that a chapter is part of, with the modes of all chapters that need it.</summary>
    public (string Key, CompareInvocation Invocation) Of(Chapter chapter)
    {
        var work = _works[KeyOf(Split(chapter).Other)];
        return (KeyOf(work.Other), Parse([.. work.Other, ModesOption, string.Join(',', work.Modes)]));
    }

    /// <summary>What of a comparison is the chapter's: its own modes, compared with its first.</summary>
    public static ComparisonResult PartOf(ComparisonResult all, Chapter chapter)
    {
        var modes = Split(chapter).Modes;
        return all with
        {
            Run = all.Run with { Options = all.Run.Options with { Mode = string.Join(',', modes) } },
            Modes = [.. all.Modes.Intersect(modes)],
            LeftOut = [.. all.LeftOut.Where(left => modes.Contains(left.Mode))],
            Points = [.. all.Points.Select(point => new ComparisonPoint(point.Value, Rebased(modes.Select(point.Find).OfType<ModeSample>())))],
        };
    }

    /// <summary>The same samples, compared with the first of them.</summary>
    public static IReadOnlyList<ModeSample> Rebased(IEnumerable<ModeSample> samples)
    {
        var all = samples.ToArray();
        var first = new ModeSample(all[0].Mode, all[0].Rounds, first: null);
        return [first, .. all.Skip(1).Select(sample => new ModeSample(sample.Mode, sample.Rounds, first))];
    }

    /// <summary>The words of a command line: blanks part them, but for those in single quotes.</summary>
    internal static string[] Words(string line) =>
        [.. line.Split('\'').Index().SelectMany(part => part.Index % 2 == 1 ? [part.Item] : part.Item.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    /// <summary>What a command line of <c>fetcher compare</c> asks for.</summary>
    internal static CompareInvocation Parse(IReadOnlyList<string> arguments)
    {
        CompareInvocation? asked = null;
        var command = CompareCommand.Create(
            ModeCatalog.Names,
            (invocation, _) =>
            {
                asked = invocation;
                return Task.FromResult(0);
            },
            (_, _) => Task.FromResult(0));
        var result = command.Parse([command.Name, .. arguments], CommandLine.Syntax);
        return result.Errors.Count == 0 && result.Invoke() == 0 && asked is not null
            ? asked
            : throw new InvalidOperationException($"'{string.Join(' ', arguments)}' is no comparison: {string.Join("; ", result.Errors)}");
    }

    private static string KeyOf(IEnumerable<string> other) => string.Join(' ', other);

    private static (string[] Other, string[] Modes) Split(Chapter chapter)
    {
        var words = Words(chapter.Arguments);
        var at = Array.IndexOf(words, ModesOption);
        return ([.. words[..at], .. words[(at + 2)..]], words[at + 1].Split(','));
    }
}
