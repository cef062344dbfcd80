namespace Fetcher.Commands;

/// <summary>The command line asks for something that cannot be: exit status 2. The message is one sentence for people.</summary>
internal sealed class UsageException : Exception
{
    public UsageException(string message)
        : base(message)
    {
    }
}
