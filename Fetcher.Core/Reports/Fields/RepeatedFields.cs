using System.Runtime.CompilerServices;

namespace Fetcher.Core.Reports.Fields;

/// <summary>Fields that mostly say what they said of the result before, and their JSON, which is then copied (bench/NOTES.md).</summary>
internal sealed class RepeatedFields
{
    /// <summary>More numbers, and more texts, than a group of fields has.</summary>
    private const int Most = 16;

    private readonly long[] _numbers = new long[Most];
    private readonly string?[] _texts = new string?[Most];
    private readonly Utf8Text _json = new();

    /// <summary>Their JSON; empty before the first.</summary>
    public ReadOnlySpan<byte> Json => _json.Span;

    /// <summary>Keeps their JSON.</summary>
    public void Keep(ReadOnlySpan<byte> json) => _json.Set(json);

    /// <summary>Compares fields with those before, and keeps their values for the next comparison.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Comparison Compare() => new(this);

    private static bool Replace(ref string? last, string? value)
    {
        if (last == value)
        {
            return false;
        }

        last = value;
        return true;
    }

    /// <summary>Is handed the fields that are compared.</summary>
    public struct Comparison : IFieldWriter
    {
        private readonly long[] _numbers;
        private readonly string?[] _texts;
        private int _number;
        private int _text;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Comparison(RepeatedFields fields) => (_numbers, _texts, IsChanged) = (fields._numbers, fields._texts, fields._json.Length == 0);

        /// <summary>Whether any field says something else than before, or nothing was before.</summary>
        public bool IsChanged { get; private set; }

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Integer(scoped ReadOnlySpan<byte> name, long value, string about, long minimum, long maximum)
        {
            ref var last = ref _numbers[_number++];
            if (last != value)
            {
                last = value;
                IsChanged = true;
            }
        }

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Seconds(scoped ReadOnlySpan<byte> name, long nanoseconds, string about) => Integer(name, nanoseconds, about, 0, 0);

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Boolean(scoped ReadOnlySpan<byte> name, bool value, string about) => Integer(name, value ? 1 : 0, about, 0, 0);

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void TextOrNull(scoped ReadOnlySpan<byte> name, string? value, string about, string? pattern)
        {
            // Mostly the same object, which takes no call to see.
            ref var last = ref _texts[_text++];
            IsChanged |= !ReferenceEquals(last, value) && Replace(ref last, value);
        }

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Text(scoped ReadOnlySpan<byte> name, string? value, string about, string? definition) => TextOrNull(name, value, about, null);

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void TextIfAny(scoped ReadOnlySpan<byte> name, string? value, string about) => TextOrNull(name, value, about, null);

        /// <inheritdoc/>
        public void List(scoped ReadOnlySpan<byte> name, ListValue value, string about, string definition) => IsChanged = true;

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool BeginObject(scoped ReadOnlySpan<byte> name, bool isPresent, bool isOptional, string about)
        {
            Boolean(name, isPresent, about);
            return isPresent;
        }

        /// <inheritdoc/>
        public readonly void EndObject()
        {
            // Its members have been compared.
        }

        /// <inheritdoc/>
        public void Text(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> utf8, string about) => IsChanged = true;

        /// <inheritdoc/>
        public void Id(scoped ReadOnlySpan<byte> name, UrlId? value, string about) => IsChanged = true;
    }
}
