using Fetcher.Core.Interop;

namespace Fetcher.Terminal;

/// <summary>Has .NET's Console fail where the program was started with a stream closed, instead of using what took the stream's number.</summary>
internal static class ClosedConsole
{
    /// <summary>To be called after <see cref="StandardStreams.HoldPlaces"/>. What is written to a closed standard error is lost.</summary>
    public static void Replace()
    {
        if (StandardStreams.IsClosed(0))
        {
            Console.SetIn(new ClosedInput());
        }

        if (StandardStreams.IsClosed(1))
        {
            Console.SetOut(new ClosedOutput());
        }

        if (StandardStreams.IsClosed(2))
        {
            Console.SetError(TextWriter.Null);
        }
    }

    private sealed class ClosedInput : TextReader
    {
        public override int Read() => throw new IOException("standard input is closed");
    }

    private sealed class ClosedOutput : StringWriter
    {
        public override void Write(char value) => throw new IOException("standard output is closed");

        public override void Write(string? value) => throw new IOException("standard output is closed");

        public override void Write(char[] buffer, int index, int count) => throw new IOException("standard output is closed");

        public override void Write(ReadOnlySpan<char> buffer) => throw new IOException("standard output is closed");
    }
}
