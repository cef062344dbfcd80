using System.Buffers;
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
    public void Write(IBufferWriter<byte> output, FetchResult result, ReadOnlySpan<byte> end)
    {
        var json = new JsonFieldWriter(output.GetSpan(FixedLength + TextRoom.Of(result) + end.Length));
        ResultFields.WriteUrl(ref json, result);
        WriteOutcome(ref json, result);
        ResultFields.WriteSizes(ref json, result);
        WriteOrigin(ref json, result);
        ResultFields.WriteTimes(ref json, result);
        ResultFields.WriteStallBlocker(ref json, result);
        ResultFields.WriteId(ref json, result);
        ResultFields.WriteWorker(ref json, result);
        ResultFields.WriteHead(ref json, result);
        ResultFields.WriteTrace(ref json, result);
        json.Line.CloseObject(0);
        json.Line.Raw(end);
        output.Advance(json.Line.Length);
    }

    private void WriteOutcome(ref JsonFieldWriter json, FetchResult result)
    {
        var comparison = _outcome.Compare();
        ResultFields.WriteOutcome(ref comparison, result);
        if (!comparison.IsChanged)
        {
            json.Line.Raw(_outcome.Json);
            return;
        }

        var start = json.Line.Length;
        ResultFields.WriteOutcome(ref json, result);
        _outcome.Keep(json.Line.Written[start..]);
    }

    private void WriteOrigin(ref JsonFieldWriter json, FetchResult result)
    {
        var comparison = _origin.Compare();
        ResultFields.WriteOrigin(ref comparison, result);
        if (!comparison.IsChanged)
        {
            json.Line.Raw(_origin.Json);
            return;
        }

        var start = json.Line.Length;
        ResultFields.WriteOrigin(ref json, result);
        _origin.Keep(json.Line.Written[start..]);
    }
}
