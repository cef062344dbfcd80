using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text;
using Fetcher.Core.Exchange;
using Fetcher.Core.Http;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;
using Fetcher.Core.Net;
using Fetcher.Core.Saving.Warc;

namespace Fetcher.Core.DotNet;

/// <summary>One request and its response by .NET's own client.</summary>
/// <param name="transport">Of the run.</param>
/// <param name="client">The client.</param>
/// <param name="isAlone">Whether that makes a connection for this request alone.</param>
/// <param name="url">What is asked for.</param>
/// <param name="limits">When it has to be over.</param>
/// <param name="facts">Told what happens.</param>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The end of the exchange lets go of them.")]
internal sealed class DotNetExchange(
    DotNetTransport transport, HttpMessageInvoker client, bool isAlone, HttpUrl url, Limits limits, ExchangeFacts facts) : IExchange
{
    private const int MostReceived = 64 * 1024;

    /// <summary>How often the client itself sends again what the server had not begun.</summary>
    private const int MostReplays = 3;

    private static readonly SearchValues<char> ControlCharacters =
        SearchValues.Create([.. Enumerable.Range(0, 128).Select(code => (char)code).Where(c => char.IsControl(c) && c != '\t')]);

    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly ReceivePace? _pace = ReceivePace.Of(transport.Options);
    private readonly SpeedFloor? _floor = SpeedFloor.Of(transport.Options);
    private Task _answer = Task.CompletedTask;
    private DotNetCall? _call;
    private HttpRequestMessage? _request;
    private HttpResponseMessage? _response;
    private Stream? _stream;
    private byte[]? _buffer;

    public ResponseHead Head { get; } = new();

    public ReadOnlyMemory<byte> Body { get; private set; }

    public bool IsWhole { get; private set; }

    public WarcTape? Tape => null;

    public void Send(in RequestHead request) => _answer = CallAsync(request);

    /// <inheritdoc/>
    /// <remarks>The client sends the request and receives the header section in one.</remarks>
    public async LoopTask<int> ReceiveHeadAsync()
    {
        await _answer.ConfigureAwait(false);
        return 1;
    }

    public bool TakeHead(int received) => true;

    public async LoopTask<int> ReadAsync()
    {
        // A transfer that is silent keeps its buffer: let it be no larger than the body.
        var known = Head.Framing == BodyFraming.ContentLength ? Head.ContentLength : MostReceived;
        var call = _call!;
        _buffer ??= ArrayPool<byte>.Shared.Rent((int)Math.Clamp(known, 1, MostReceived));
        try
        {
            var most = _buffer.Length;
            if (_pace is not null)
            {
                most = Math.Min(most, _pace.MostAtOnce);
                await WaitForPaceAsync(_pace, call).ConfigureAwait(false);
            }

            var length = await _stream!.ReadAsync(_buffer.AsMemory(0, most), call.Over).ConfigureAwait(false);
            if (call.IsStream)
            {
                // Whose bytes they are is not known before.
                call.OnReceived(length);
            }

            _pace?.Count(length, MonotonicClock.Now(transport.Clock));
            if (length == 0 && Head.Framing == BodyFraming.CloseDelimited && call.Connection?.UnderTls is { HasBrokenOff: true })
            {
                throw Failures.BodyCut.Of("without TLS's close_notify, the only end that the body has").Thrown();
            }

            Body = _buffer.AsMemory(0, length);
            IsWhole = length == 0;
            return length;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            throw Explain(e, call, isBody: true);
        }
    }

    public LoopTask<int> SkipAsync() => ReadAsync();

    /// <inheritdoc/>
    /// <remarks>
    /// The client opens streams before it knows how many the server takes, and gives up after some that were refused. Alone on a connection, one is not too many.
    /// </remarks>
    public bool MayAskAgain(Exception e) => facts.IsStale(e) || (!isAlone && DotNetErrors.IsRefusal(e));

    public bool TryDrain(long most, long patience)
    {
        if (Head.Framing == BodyFraming.CloseDelimited || Head.ContentLength > most)
        {
            return false;
        }

        _call!.EndBy(MonotonicClock.Now(transport.Clock) + patience);
        return true;
    }

    public void Keep()
    {
        // The buffer is the exchange's own.
    }

    public void End()
    {
        Body = default;
        _response?.Dispose();
        _request?.Dispose();
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
        }

        if (_call?.Connection is { HasUnsent: true } connection)
        {
            connection.Dispose();
        }

        _call?.Dispose();
    }

    public void Abandon()
    {
        if (_call is { IsStream: false })
        {
            // Under the client, which finds that it has ended.
            _call.Connection?.Dispose();
        }

        End();
    }

    /// <summary>
    /// Asks. A method that is no <see cref="LoopTask"/>, which knows no contexts: that the call is the current one is to be seen by the client, and by nobody
    /// after it.
    /// </summary>
    private async Task CallAsync(RequestHead request)
    {
        var endpoint = new Endpoint(url.IsHttps, url.HostString, url.Port);
        _call = new DotNetCall(endpoint, Nanoseconds.From(transport.Options.ReadTimeout), _floor, limits.Deadline, transport.Clock, transport.Stop, limits.GiveUp)
        {
            Turn = transport.Turn is { } turn ? () => turn(url, limits) : null,
        };
        try
        {
            _response = await SendAsync(request, _call).ConfigureAwait(false);
            if (_call is { IsStream: true, FirstByteAt: 0 })
            {
                // A response without fields.
                _call.OnStreamAnswered(connection: null);
            }

            ReadHead(_response, request.IsHead);
            _pace?.Begin(_call.FirstByteAt);
            _stream = await _response.Content.ReadAsStreamAsync(_call.Over).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            throw Explain(e, _call, isBody: false);
        }
        finally
        {
            _call.NoteIn(facts);
        }
    }

    /// <summary>
    /// Sends the request, again where the server had said goodbye before (GOAWAY) and ended the connection without an answer: the client does so by itself
    /// only when it learns of that early enough.
    /// </summary>
    private async ValueTask<HttpResponseMessage> SendAsync(RequestHead request, DotNetCall call)
    {
        while (true)
        {
            try
            {
                _request?.Dispose();
                _request = CreateMessage(request, call);
                return await client.SendAsync(_request, call.Over).ConfigureAwait(false);
            }
            catch (HttpRequestException e) when (call is { FirstByteAt: 0, StreamsTried: <= MostReplays } && DotNetErrors.IsGoodbye(e))
            {
            }
        }
    }

    /// <summary>The same request that the loops would send, in the client's terms.</summary>
    private HttpRequestMessage CreateMessage(RequestHead head, DotNetCall call)
    {
        if (!Uri.TryCreate(url.ToString(), AsWritten, out var uri))
        {
            throw Failures.NotForDotNet.Of().Thrown();
        }

        var message = new HttpRequestMessage(head.IsHead ? HttpMethod.Head : HttpMethod.Get, uri)
        {
            Version = VersionOf(transport.Options.Protocol),
            VersionPolicy = transport.Options.Protocol is HttpProtocol.Negotiate or HttpProtocol.Http2
                ? HttpVersionPolicy.RequestVersionOrLower
                : HttpVersionPolicy.RequestVersionExact,
        };
        message.Options.Set(DotNetCall.Key, call);
        var buffer = ArrayPool<byte>.Shared.Rent(1024);
        AddFields(message, head.Write(buffer, transport.Routes.ForwarderOf(url.IsHttps, url.Host, url.Port)).Span);
        ArrayPool<byte>.Shared.Return(buffer);
        return message;
    }

    private static Version VersionOf(HttpProtocol protocol) => protocol switch
    {
        HttpProtocol.Http10 => HttpVersion.Version10,
        HttpProtocol.Http11 => HttpVersion.Version11,
        _ => HttpVersion.Version20,
    };

    private static void AddFields(HttpRequestMessage message, ReadOnlySpan<byte> lines)
    {
        foreach (var range in lines.Split("\r\n"u8))
        {
            var line = lines[range];
            var colon = line.IndexOf((byte)':');
            if (range.Start.Value > 0 && colon > 0)
            {
                var (name, value) = (Encoding.Latin1.GetString(line[..colon]), Encoding.Latin1.GetString(line[(colon + 1)..].Trim((byte)' ')));
                if (!message.Headers.TryAddWithoutValidation(name, value))
                {
                    // The client has fields that go with a body only, such as Content-Type.
                    message.Content ??= new ByteArrayContent([]);
                    message.Content.Headers.TryAddWithoutValidation(name, value);
                }
            }
        }
    }

    /// <summary>Reads the header section by our own rules, so that what it means does not depend on the mode.</summary>
    private void ReadHead(HttpResponseMessage response, bool isHead)
    {
        var text = new StringBuilder();
        var isHttp2 = response.Version.Major == 2;
        var minor = isHttp2 ? 1 : response.Version.Minor;
        text.Append(CultureInfo.InvariantCulture, $"HTTP/1.{minor} {(int)response.StatusCode} {(isHttp2 ? "" : response.ReasonPhrase)}\r\n");
        foreach (var fields in new[] { response.Headers.NonValidated, response.Content.Headers.NonValidated })
        {
            foreach (var (name, values) in fields)
            {
                foreach (var value in values)
                {
                    if (isHttp2 && value.AsSpan().IndexOfAny(ControlCharacters) >= 0)
                    {
                        throw Failures.Http2Invalid.Of("a control character in a field").Thrown();
                    }

                    text.Append(name).Append(": ").Append(value).Append("\r\n");
                }
            }
        }

        text.Append("\r\n");
        var bytes = Encoding.Latin1.GetBytes(text.ToString());
        if (ResponseParser.Parse(bytes, isHead, Head, out _, out var reason) != ParseStatus.Complete)
        {
            throw Failures.HeadInvalid.Of(reason).Thrown();
        }

        if (isHttp2)
        {
            Head.MarkHttp2();
        }
    }

    private async ValueTask WaitForPaceAsync(ReceivePace pace, DotNetCall call)
    {
        var left = pace.DueAt - MonotonicClock.Now(transport.Clock);
        if (left > 0)
        {
            // The silence is ours meanwhile. Timers count whole milliseconds.
            call.OnPause();
            await Task.Delay(TimeSpan.FromMilliseconds((left + 999_999) / 1_000_000), transport.Clock, call.Over).ConfigureAwait(false);
            call.OnResume();
        }
    }

    private Exception Explain(Exception e, DotNetCall call, bool isBody)
    {
        transport.Stop.ThrowIfCancellationRequested();
        if (!call.TimedOut)
        {
            // Where the client gave the connection up before it had a request for it, it keeps to itself why.
            return e is OperationCanceledException ? e
                : call is { FirstByteAt: 0, Opened.Problem: { } problem } ? problem.Thrown(e)
                : DotNetErrors.Explain(e, call.FirstByteAt != 0, isBody);
        }

        return MonotonicClock.Now(transport.Clock) >= limits.Deadline
            ? Failures.TimeOver.Of().Thrown(e)
            : call.IsTooSlow ? _floor!.TooSlow
            : Failures.Silence.Of("received", transport.Options.ReadTimeout.TotalSeconds).Thrown(e);
    }
}
