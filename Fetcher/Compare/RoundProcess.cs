using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Lab;

namespace Fetcher.Compare;

/// <summary>
/// Runs one round in a fresh process of this same executable, so that the heap, the compiled code and the warm connections of one mode do
/// not serve the next, and the kernel's account of the process is that of the round alone.
/// </summary>
internal static class RoundProcess
{
    /// <summary>Runs the round.</summary>
    /// <param name="arguments">The arguments of the process.</param>
    /// <param name="number">The round's number.</param>
    /// <param name="password">What the process reads when it asks for a password; null when it will not.</param>
    /// <param name="cancellation">Ends the process.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<RoundOutcome> RunAsync(
        IReadOnlyList<string> arguments, int number, string? password, CancellationToken cancellation)
    {
        var (file, first) = LabProcess.Executable();
        var start = new ProcessStartInfo(file, [.. first, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            using var end = cancellation.Register(process.Kill);
            if (password is not null)
            {
                await process.StandardInput.WriteLineAsync(password);
                await process.StandardInput.FlushAsync(CancellationToken.None);
            }

            var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
            using var output = new MemoryStream();
            await process.StandardOutput.BaseStream.CopyToAsync(output, CancellationToken.None);
            await process.WaitForExitAsync(CancellationToken.None);
            cancellation.ThrowIfCancellationRequested();
            return Read(number, process.ExitCode, output.GetBuffer().AsMemory(0, (int)output.Length), await error);
        }
        catch (Win32Exception e)
        {
            return new RoundOutcome(number, null, $"its process could not be started: {e.Message}");
        }
    }

    /// <summary>What the process said. Also called by tests, with what a process would say.</summary>
    internal static RoundOutcome Read(int number, int exitCode, ReadOnlyMemory<byte> output, string error)
    {
        if (exitCode != 0)
        {
            const int Killed = 128;
            var how = exitCode > Killed ? $"was ended by signal {exitCode - Killed}" : $"ended with status {exitCode}";
            return new RoundOutcome(number, null, FirstLine(error) is { Length: > 0 } line ? line : $"its process {how}");
        }

        try
        {
            using var json = JsonDocument.Parse(output);
            return new RoundOutcome(number, CompareRoundJson.Read(json.RootElement), null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return new RoundOutcome(number, null, $"its process did not tell its figures: {e.Message}");
        }
    }

    private static string FirstLine(string text)
    {
        const string Prefix = "fetcher: ";
        var line = text.Split('\n')[0].Trim();
        return line.StartsWith(Prefix, StringComparison.Ordinal) ? line[Prefix.Length..] : line;
    }
}
