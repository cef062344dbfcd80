namespace Fetcher.Core;

/// <summary>The run cannot start as asked: an option's file is unusable, or the machine lacks what the mode needs. One sentence for people.</summary>
public sealed class FetchSetupException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">Why the run cannot start, in one sentence.</param>
    /// <param name="inner">What led to it, or null.</param>
    public FetchSetupException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
