using System.Buffers;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>One report as results come in: separates them and, if asked to, puts them back into the order of the input.</summary>
internal sealed class ResultStream(Report report, bool inputOrder)
{
    private readonly IReportWriter _writer = report.Writer;
    private readonly ReportOutput _output = report.Output;
    private readonly InputOrderBuffer? _order = inputOrder && !report.Writer.IsByCompletion ? new InputOrderBuffer(report.Output, report.Writer) : null;
    private bool _isSeparated;
    private bool _any;

    public bool HasRoom => _output.HasRoom && (_order is null || _order.HasRoom);

    public void Begin(RunInfo run)
    {
        _isSeparated = !_writer.Separator.IsEmpty;
        _writer.Begin(_output, run);
    }

    public void Write(FetchResult result)
    {
        if (_order is not null)
        {
            _order.Write(result);
            return;
        }

        if (_any && _isSeparated)
        {
            _output.Write(_writer.Separator);
        }

        _any = true;
        _writer.Write(_output, result);
    }

    public void NotifyWhenRoom(Action ready)
    {
        if (_order is { HasRoom: false })
        {
            _order.NotifyWhenRoom(ready);
        }
        else
        {
            _output.NotifyWhenRoom(ready);
        }
    }

    public void End(RunInfo run, RunSummary summary)
    {
        _order?.WriteHeldBack();
        _writer.End(_output, run, summary);
    }
}
