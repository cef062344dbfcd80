namespace Fetcher.Core;

/// <summary>The run cannot start as asked: an option's file is unusable, or the machine lacks what the mode needs. One sentence for people.</summary>
public sealed class FetchSetupException : Exception
{
    public FetchSetupException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
