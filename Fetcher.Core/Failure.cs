using System.Globalization;
using System.Text;

namespace Fetcher.Core;

/// <summary>What a failure speaks against, and so what may be done about it.</summary>
internal enum FailureBlame
{
    /// <summary>The URL, an option, or this machine: the next attempt would most likely end the same way.</summary>
    Request,

    /// <summary>Nobody asked, or nobody may ask again: not even <c>--retry-all-errors</c> tries it again.</summary>
    Final,

    /// <summary>What the server said: it is alive, and says the same again.</summary>
    Response,

    /// <summary>Something that may have passed at the next attempt.</summary>
    Passing,

    /// <summary>The host, which could not be reached or did not answer: may have passed at the next attempt, and counts for the host's circuit.</summary>
    Host,
}

/// <summary>One way in which a URL can fail: a row of <see cref="Failures"/>.</summary>
/// <param name="Kind">The phase or rule that failed.</param>
/// <param name="ExitCode">The exit code curl gives for the same failure (curl(1), EXIT CODES).</param>
/// <param name="Blame">What it speaks against.</param>
/// <param name="Text">One sentence for people, a composite format.</param>
/// <param name="Advice">What the user can do about it.</param>
internal sealed record Failure(FetchErrorKind Kind, int ExitCode, FailureBlame Blame, string Text, string Advice)
{
    private CompositeFormat _format = CompositeFormat.Parse(Text);

    /// <summary>That of <see cref="Text"/>: a copy with another text has been given that of its original.</summary>
    private CompositeFormat Format => _format.Format == Text ? _format : _format = CompositeFormat.Parse(Text);

    /// <summary>The failure of one URL.</summary>
    /// <param name="details">What <see cref="Text"/> has places for. No secrets: the sentence is printed.</param>
    public FetchError Of(params object?[] details) =>
        new(Kind, string.Format(CultureInfo.InvariantCulture, Format, details), ExitCode) { Blame = Blame };
}
