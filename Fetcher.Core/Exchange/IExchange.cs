using Fetcher.Core.Http;
using Fetcher.Core.Loop;
using Fetcher.Core.Saving.Warc;

namespace Fetcher.Core.Exchange;

/// <summary>
/// One request and its response, whatever protocol carries them: send, receive the head, read the body run by run, end. What it hands out is lent until the next await.
/// </summary>
internal interface IExchange
{
    /// <summary>The header section of the response, once <see cref="TakeHead"/> has found it whole.</summary>
    ResponseHead Head { get; }

    /// <summary>The run of body bytes that the last <see cref="ReadAsync"/> found, without transfer coding.</summary>
    ReadOnlyMemory<byte> Body { get; }

    /// <summary>Whether the response has come to its end.</summary>
    bool IsWhole { get; }

    /// <summary>Records the exchange for an archive, or null.</summary>
    WarcTape? Tape { get; }

    /// <summary>Begins to send the request; <see cref="ReceiveHeadAsync"/> waits for the rest of it, too.</summary>
    /// <exception cref="FetchException">The connection broke or was silent for too long.</exception>
    /// <exception cref="OperationCanceledException">The run is being stopped.</exception>
    void Send(in RequestHead request);

    /// <summary>Receives more of the response, for <see cref="TakeHead"/>.</summary>
    /// <returns>How much; 0 is the end of the connection.</returns>
    /// <exception cref="FetchException">The connection broke or was silent for too long.</exception>
    /// <exception cref="OperationCanceledException">The run is being stopped.</exception>
    LoopTask<int> ReceiveHeadAsync();

    /// <summary>Reads what has been received of the header section, past any interim (1xx) responses.</summary>
    /// <param name="received">What <see cref="ReceiveHeadAsync"/> gave.</param>
    /// <returns>Whether the final response's header section is whole; if not, more is to be received.</returns>
    /// <exception cref="FetchException">It is not valid HTTP, or the connection ended.</exception>
    bool TakeHead(int received);

    /// <summary>Receives the next run of the body into <see cref="Body"/>.</summary>
    /// <returns>Its length in bytes, or 0 when the body is complete.</returns>
    /// <exception cref="FetchException">The body's framing is broken, or the connection ended or was silent for too long.</exception>
    LoopTask<int> ReadAsync();

    /// <summary>As <see cref="ReadAsync"/>, for a body that nobody looks at: nothing is in <see cref="Body"/> then.</summary>
    LoopTask<int> SkipAsync();

    /// <summary>
    /// Whether a failure to answer says nothing of the request, so that it may be made again: the server has not taken it up.
    /// </summary>
    bool MayAskAgain(Exception e);

    /// <summary>Makes what comes next the rest of a body that nobody wants, for which it does not pay to wait long.</summary>
    /// <param name="most">Bytes that are to be read at most.</param>
    /// <param name="patience">Nanoseconds that they may take, after which <see cref="ReadAsync"/> fails.</param>
    /// <returns>False when reading it could not save the connection.</returns>
    bool TryDrain(long most, long patience);

    /// <summary>Copies what is lent, before a wait other than for this exchange.</summary>
    void Keep();

    /// <summary>Gives the place on the connection back: to another exchange when the response came whole, else nobody can use it.</summary>
    void End();

    /// <summary>As <see cref="End"/>, for a connection that is out of step: nobody can use it, whatever came.</summary>
    void Abandon();
}

/// <summary>A place on a connection, for one exchange.</summary>
internal readonly record struct Lease(IExchange Exchange);

/// <summary>When an exchange has to be over.</summary>
/// <param name="Deadline">That of the whole transfer, in nanoseconds of the run's clock.</param>
/// <param name="GiveUp">Cancelled, on any thread, when nobody wants the response any more.</param>
internal readonly record struct Limits(long Deadline, CancellationToken GiveUp);

/// <summary>What carries exchanges: fetcher's own HTTP on raw sockets, or .NET's client.</summary>
internal interface ITransport
{
    /// <summary>Leases a place on a connection to where <paramref name="url"/> points, and opens the connection if need be.</summary>
    /// <param name="url">Where to. It stays as it is until the exchange has ended.</param>
    /// <param name="limits">When the exchange has to be over.</param>
    /// <param name="facts">Told what happens on the way, and during the exchange.</param>
    /// <param name="fresh">Whether the connection must not have served others.</param>
    /// <exception cref="FetchException">There is none, and none could be opened.</exception>
    /// <exception cref="OperationCanceledException">The run is being stopped.</exception>
    LoopTask<Lease> OpenAsync(HttpUrl url, Limits limits, ExchangeFacts facts, bool fresh);
}
