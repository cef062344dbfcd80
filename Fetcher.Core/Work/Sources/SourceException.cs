namespace Fetcher.Core.Work.Sources;

/// <summary>
/// The list of URLs is missing, unreadable or empty: the run ends with exit status 2. The message is one sentence for people.
/// </summary>
internal sealed class SourceException : IOException
{
    public SourceException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
