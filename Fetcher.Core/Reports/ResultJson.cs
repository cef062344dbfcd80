using System.Buffers;
using System.Runtime.CompilerServices;
using Fetcher.Core.Reports.Fields;

namespace Fetcher.Core.Reports;

/// <summary>A result as a JSON object on one line, as the list of fields has it (<see cref="ResultFields"/>). Not safe for several threads.</summary>
internal sealed class ResultJson
{
    /// <summary>More than the keys, the punctuation and all numbers take.</summary>
    private const int FixedLength = 1024;

    private readonly RepeatedFields _outcome = new();
    private readonly RepeatedFields _origin = new();

    /// <summary>Writes the object, then <paramref name="end"/>, in one piece.</summary>
    /// <remarks>Not inlined: a method has only so much room for what is inlined, and the parts of a line belong here (bench/NOTES.md).</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Write(IBufferWriter<byte> output, FetchResult result, ReadOnlySpan<byte> end)
    {
        var outcome = _outcome.Compare();
        ResultFields.WriteOutcome(ref outcome, result);
        var origin = _origin.Compare();
        ResultFields.WriteOrigin(ref origin, result);
        var hasRest = ResultFields.HasRest(result);
        var json = new JsonFieldWriter(output.GetSpan(FixedLength + RoomOf(result, outcome.IsChanged, origin.IsChanged, hasRest) + end.Length));
        ResultFields.WriteUrl(ref json, result);
        WriteOutcome(ref json, result, outcome.IsChanged);
        ResultFields.WriteSizes(ref json, result);
        WriteOrigin(ref json, result, origin.IsChanged);
        ResultFields.WriteTimes(ref json, result);
        if (hasRest)
        {
            ResultFields.WriteRest(ref json, result);
        }

        json.Line.CloseObject(0);
        json.Line.Raw(end);
        output.Advance(json.Line.Length);
    }

    /// <summary>The room that the texts need.</summary>
    private int RoomOf(FetchResult result, bool outcomeIsChanged, bool originIsChanged, bool hasRest)
    {
        if (outcomeIsChanged || originIsChanged)
        {
            return TextRoom.Of(result);
        }

        var room = default(TextRoom);
        ResultFields.WriteUrl(ref room, result);
        if (hasRest)
        {
            ResultFields.WriteRest(ref room, result);
        }

        return room.Bytes + _outcome.Json.Length + _origin.Json.Length;
    }

    private void WriteOutcome(ref JsonFieldWriter json, FetchResult result, bool isChanged)
    {
        if (!isChanged)
        {
            json.Line.Raw(_outcome.Json);
            return;
        }

        var start = json.Line.Length;
        ResultFields.WriteOutcome(ref json, result);
        _outcome.Keep(json.Line.Written[start..]);
    }

    private void WriteOrigin(ref JsonFieldWriter json, FetchResult result, bool isChanged)
    {
        if (!isChanged)
        {
            json.Line.Raw(_origin.Json);
            return;
        }

        var start = json.Line.Length;
        ResultFields.WriteOrigin(ref json, result);
        _origin.Keep(json.Line.Written[start..]);
    }
}
