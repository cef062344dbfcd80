using System.Runtime.CompilerServices;

namespace Fetcher.Core.Reports.Fields;

/// <summary>Adds up the room that the texts of a result need at most, escaped for JSON or for CSV (<see cref="Utf8Line"/>).</summary>
internal struct TextRoom : IFieldWriter
{
    /// <summary>The room of the fields so far.</summary>
    public int Bytes { get; private set; }

    /// <summary>The room of all texts of a result, in bytes.</summary>
    public static int Of(FetchResult result)
    {
        var room = default(TextRoom);
        ResultFields.WriteTo(ref room, result);
        return room.Bytes;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Text(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> utf8, string about) => Bytes += Utf8Line.EscapedLength(utf8);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Text(scoped ReadOnlySpan<byte> name, string? value, string about, string? definition) => Bytes += Utf8Line.EscapedLength(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void TextOrNull(scoped ReadOnlySpan<byte> name, string? value, string about, string? pattern) => Bytes += Utf8Line.EscapedLength(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Id(scoped ReadOnlySpan<byte> name, UrlId? value, string about) => Bytes += Utf8Line.EscapedLength(value?.Text);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void TextIfAny(scoped ReadOnlySpan<byte> name, string? value, string about) => Bytes += Utf8Line.EscapedLength(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void List(scoped ReadOnlySpan<byte> name, ListValue value, string about, string definition) => Bytes += value.Room;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool BeginObject(scoped ReadOnlySpan<byte> name, bool isPresent, bool isOptional, string about) => isPresent;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void EndObject()
    {
        // Only texts are counted.
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Integer(scoped ReadOnlySpan<byte> name, long value, string about, long minimum, long maximum)
    {
        // The caller knows how long numbers get.
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Seconds(scoped ReadOnlySpan<byte> name, long nanoseconds, string about)
    {
        // Likewise.
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Boolean(scoped ReadOnlySpan<byte> name, bool value, string about)
    {
        // Likewise.
    }
}
