using Fetcher.Core;

namespace Fetcher.Queue;

/// <summary>The fields of the record before (<see cref="ResultRecords"/>).</summary>
internal sealed class ResultRecordState
{
    /// <summary>More than a record has of either, so that a set of them has a bit for each.</summary>
    private const int Most = 64;

    public ResultRecordState()
    {
        foreach (ref var text in Texts.AsSpan())
        {
            text = new Field();
        }
    }

    public long[] Numbers { get; } = new long[Most];

    public Field[] Texts { get; } = new Field[Most];

    /// <summary>As before the first record.</summary>
    public void Clear()
    {
        Array.Clear(Numbers);
        Array.ForEach(Texts, text => text.SetNull());
    }

    /// <summary>A text or null.</summary>
    internal sealed class Field
    {
        private readonly Utf8Text _bytes = new();
        private string? _text;

        public bool IsNull { get; private set; } = true;

        /// <summary>The text; empty where it is null.</summary>
        public ReadOnlySpan<byte> Bytes => _bytes.Span;

        /// <summary>The text as a string, which is made once.</summary>
        public string? Text => IsNull ? null : _text ??= _bytes.ToString();

        public bool Is(ReadOnlySpan<byte> text) => !IsNull && Bytes.SequenceEqual(text);

        /// <summary>Whether it is this text, as far as can be told without a conversion.</summary>
        public bool IsSurely(string? text) => text is null ? IsNull : text == _text;

        public void Set(ReadOnlySpan<byte> text)
        {
            _bytes.Set(text);
            (_text, IsNull) = (null, false);
        }

        /// <summary>Sets it to a text that has been converted already.</summary>
        public void Set(ReadOnlySpan<byte> bytes, string text)
        {
            _bytes.Set(bytes);
            (_text, IsNull) = (text, false);
        }

        public void SetNull()
        {
            _bytes.Clear();
            (_text, IsNull) = (null, true);
        }
    }
}
