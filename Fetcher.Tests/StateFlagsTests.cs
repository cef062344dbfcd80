using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Fetcher.Commands;
using Fetcher.Core.Interop;
using Fetcher.Extensions;
using Fetcher.Queue;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests;

/// <summary>
/// A class that others tell its state by flags has two of them at most: with more, most combinations mean nothing, and each is somebody's bug. What it needs is an
/// enum of its states, a method that says what has happened, or a value that is returned. Counted are fields and properties of type bool that the code of another
/// class assigns; what can only be given at the start (init) is no state. Read from the compiled assemblies.
/// </summary>
public sealed class StateFlagsTests
{
    private const int Most = 2;

    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    [Fact]
    public void No_class_has_more_than_two_flags_that_others_set() => FlagsSetByOthers(
            typeof(Libc).Assembly.GetTypes().Concat(typeof(ILeaseStore).Assembly.GetTypes())
                .Concat(typeof(FetcherLog).Assembly.GetTypes()).Concat(typeof(CommandLine).Assembly.GetTypes()))
        .Where(flags => flags.Flags.Count > Most)
        .Select(flags => $"{flags.Owner}: {string.Join(", ", flags.Flags)}")
        .ShouldBeEmpty();

    [Fact]
    public void What_others_assign_is_counted_and_what_is_given_at_the_start_is_not()
    {
        var found = FlagsSetByOthers([typeof(Flagged), typeof(Setter), .. typeof(Setter).GetNestedTypes(Everything)]).ShouldHaveSingleItem();

        found.Owner.ShouldBe(nameof(Flagged));
        found.Flags.ShouldBe(["Field", "Property", "Awaited"], ignoreOrder: true);
    }

    private static IEnumerable<(string Owner, IReadOnlyList<string> Flags)> FlagsSetByOthers(IEnumerable<Type> types) =>
        from type in types
        from method in type.GetMethods(Everything).Concat<MethodBase>(type.GetConstructors(Everything))
        from use in MethodCode.MembersUsed(method)
        where FlagOf(use.Operation, use.Member) is not null && Written(type) != Written(use.Member.DeclaringType!)
        group FlagOf(use.Operation, use.Member)! by Written(use.Member.DeclaringType!) into flags
        where flags.Key.Namespace!.StartsWith(nameof(Fetcher), StringComparison.Ordinal)
        orderby flags.Key.Name
        select (flags.Key.Name, (IReadOnlyList<string>)[.. flags.Distinct().Order()]);

    /// <summary>The flag that an instruction assigns, or null.</summary>
    private static string? FlagOf(OpCode operation, MemberInfo member) => member switch
    {
        FieldInfo field when (operation == OpCodes.Stfld || operation == OpCodes.Stsfld) && field.FieldType == typeof(bool) => field.Name,
        MethodInfo { IsSpecialName: true } setter when setter.Name.StartsWith("set_", StringComparison.Ordinal)
            && setter.GetParameters() is [{ ParameterType: var type }] && type == typeof(bool)
            && !setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) => setter.Name[4..],
        _ => null,
    };

    /// <summary>The type as it is written in the source: what the compiler makes of lambdas and async methods is part of what they stand in.</summary>
    private static Type Written(Type type) => type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) && type.DeclaringType is { } outer ? Written(outer)
        : type.IsGenericType ? type.GetGenericTypeDefinition()
        : type;

    private sealed class Flagged
    {
        private bool _own;

        public bool Field = true;

        public bool Property { get; set; }

        public bool Awaited { get; set; }

        public bool Given { get; init; }

        public bool Own { get; private set; }

        public void Set() => (Own, _own) = (!_own, true);
    }

    private sealed class Setter
    {
        public static async Task<Flagged> SetAsync()
        {
            var flagged = new Flagged { Given = true, Field = false, Property = true };
            await Task.Yield();
            flagged.Awaited = true;
            flagged.Set();
            return flagged;
        }
    }
}
