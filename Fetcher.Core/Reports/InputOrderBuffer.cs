using System.Buffers;

namespace Fetcher.Core.Reports;

/// <summary>
/// Holds the formatted bytes of a result back until all results with a smaller index are written (<c>--order input</c>).
/// One slow URL holds back all after it, so <see cref="HasRoom"/> asks the run to wait once much is held; the slow one, being under way,
/// ends the wait.
/// </summary>
internal sealed class InputOrderBuffer(ReportOutput output, IReportWriter writer, long maxHeld = 16 << 20)
{
    private readonly Dictionary<long, (byte[] Bytes, int Length)> _held = [];
    private readonly ArrayBufferWriter<byte> _scratch = new();
    private List<Action>? _roomWaiters;
    private long _heldBytes;
    private long _next;
    private bool _any;

    /// <summary>Whether less is held back than the limit.</summary>
    public bool HasRoom => Volatile.Read(ref _heldBytes) < maxHeld;

    /// <summary>Calls <paramref name="ready"/> once, when an index that others wait for has been written.</summary>
    public void NotifyWhenRoom(Action ready) => (_roomWaiters ??= []).Add(ready);

    /// <summary>Writes the result, and those that waited for it, or holds it back.</summary>
    public void Write(FetchResult result)
    {
        if (result.Index != _next)
        {
            HoldBack(result);
            return;
        }

        WriteSeparator();
        writer.Write(output, result);
        _next++;
        while (_held.Remove(_next, out var waiting))
        {
            WriteHeld(waiting);
            _next++;
        }

        NotifyRoom();
    }

    /// <summary>Writes what is still held back, in order: a run that was interrupted leaves gaps.</summary>
    public void WriteHeldBack()
    {
        foreach (var index in _held.Keys.Order().ToArray())
        {
            _held.Remove(index, out var waiting);
            WriteHeld(waiting);
        }
    }

    private void HoldBack(FetchResult result)
    {
        _scratch.ResetWrittenCount();
        writer.Write(_scratch, result);
        var bytes = ArrayPool<byte>.Shared.Rent(_scratch.WrittenCount);
        _scratch.WrittenSpan.CopyTo(bytes);
        _held.Add(result.Index, (bytes, _scratch.WrittenCount));
        Volatile.Write(ref _heldBytes, _heldBytes + bytes.Length);
    }

    private void WriteHeld((byte[] Bytes, int Length) waiting)
    {
        WriteSeparator();
        output.Write(waiting.Bytes.AsSpan(0, waiting.Length));
        Volatile.Write(ref _heldBytes, _heldBytes - waiting.Bytes.Length);
        ArrayPool<byte>.Shared.Return(waiting.Bytes);
    }

    private void WriteSeparator()
    {
        if (_any)
        {
            output.Write(writer.Separator);
        }

        _any = true;
    }

    private void NotifyRoom()
    {
        if (_roomWaiters is { } waiters && HasRoom)
        {
            _roomWaiters = null;
            waiters.ForEach(ready => ready());
        }
    }
}
