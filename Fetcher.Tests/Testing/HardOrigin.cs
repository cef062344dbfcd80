using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Fetcher.Tests.Testing;

/// <summary>A URL of <see cref="HardOrigin"/>, and the hash of its body; null when its host is dead.</summary>
internal sealed record HardUrl(string Url, string? Sha256);

/// <summary>
/// Fifty hosts on loopback, of all the kinds that make a list hard: dead, slow, flaky, rate-limited, redirecting, compressed, truncating. Each answers
/// after a known time, so that it can be told how long the list takes at least.
/// </summary>
internal sealed class HardOrigin : IAsyncDisposable
{
    /// <summary>How many hosts there are.</summary>
    public const int Hosts = 50;

    private const double Delay = 0.05, SlowDelay = 0.5;

    private readonly WebApplication _app;
    private readonly Socket[] _dead;
    private readonly string[] _origins = new string[Hosts];
    private readonly int _pages, _most;
    private readonly ConcurrentDictionary<(int, int), int> _asked = new();
    private readonly (long Second, int Count)[] _windows = new (long, int)[Hosts];
    private long _busy;
    private int _answered;

    private HardOrigin(int pages)
    {
        (_pages, _most) = (pages, Math.Max(20, pages / 8));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            for (var host = 0; host < Hosts; host++)
            {
                if (KindOf(host) != Kind.Dead)
                {
                    options.Listen(AddressOf(host), 0);
                }
            }
        });
        _app = builder.Build();
        _app.Run(context => AnswerAsync(context, context.Connection.LocalIpAddress!.GetAddressBytes()[3] - 10));

        // A port that is somebody's and where nobody listens: every connection is refused.
        _dead = [.. Enumerable.Range(0, Hosts).Where(host => KindOf(host) == Kind.Dead).Select(host =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(AddressOf(host), 0));
            _origins[host] = $"http://{socket.LocalEndPoint}";
            return socket;
        })];
    }

    private enum Kind
    {
        Plain, Slow, Dead, Flaky, Limited, Redirecting, Compressed, Truncating,
    }

    /// <summary>Requests that were answered as they should be.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>All URLs, host by host.</summary>
    public IEnumerable<HardUrl> Urls =>
        from host in Enumerable.Range(0, Hosts)
        from page in Enumerable.Range(0, _pages)
        select new HardUrl(
            $"{_origins[host]}/{page}",
            KindOf(host) == Kind.Dead ? null : Convert.ToHexStringLower(SHA256.HashData(BodyOf(TargetOf(host), page))));

    /// <summary>Starts the hosts.</summary>
    /// <param name="pages">URLs of each.</param>
    public static async Task<HardOrigin> StartAsync(int pages)
    {
        var origin = new HardOrigin(pages);
        await origin._app.StartAsync();
        foreach (var url in origin._app.Urls)
        {
            origin._origins[IPAddress.Parse(new Uri(url).Host).GetAddressBytes()[3] - 10] = url;
        }

        return origin;
    }

    /// <summary>
    /// How long the list takes at least, in seconds, once it has been fetched: as long as the answers that could not be done without have taken here, with
    /// all slots busy to the end; or as long as the host needs that takes longest by itself.
    /// </summary>
    public double IdealSeconds(int slots, int perHost)
    {
        var all = Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _busy)).TotalSeconds;
        var longest = Enumerable.Range(0, Hosts).Max(host => KindOf(host) == Kind.Limited
            ? ((_pages - 1) / _most) + Delay
            : Enumerable.Range(0, _pages).Sum(page => SecondsOf(host, page)) / perHost);
        return Math.Max(all / slots, longest);
    }

    public async ValueTask DisposeAsync()
    {
        Array.ForEach(_dead, socket => socket.Dispose());
        await _app.DisposeAsync();
    }

    private static IPAddress AddressOf(int host) => new([127, 0, 0, (byte)(host + 10)]);

    private static Kind KindOf(int host) => host switch
    {
        < 18 => Kind.Plain,
        < 23 => Kind.Slow,
        < 26 => Kind.Dead,
        < 31 => Kind.Flaky,
        < 34 => Kind.Limited,
        < 39 => Kind.Redirecting,
        < 44 => Kind.Compressed,
        _ => Kind.Truncating,
    };

    /// <summary>Whose page a host has: that of another, when it redirects.</summary>
    private static int TargetOf(int host) => KindOf(host) == Kind.Redirecting ? host - 34 : host;

    /// <summary>Whether a page fails when it is first asked for.</summary>
    private static bool FailsFirst(int host, int page) => KindOf(host) is Kind.Flaky or Kind.Truncating && page % 3 == 0;

    private static double SecondsOf(int host, int page) => KindOf(host) switch
    {
        Kind.Dead => 0,
        Kind.Slow => SlowDelay,
        _ => FailsFirst(host, page) ? 2 * Delay : Delay,
    };

    private static byte[] BodyOf(int host, int page) =>
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat($"host {host}, page {page}\n", 30 + (((7 * page) + host) % 300))));

    private async Task AnswerAsync(HttpContext context, int host)
    {
        var began = Stopwatch.GetTimestamp();
        await AnswerPageAsync(context, host);
        if (context.Response.StatusCode != 429)
        {
            Interlocked.Add(ref _busy, Stopwatch.GetTimestamp() - began);
        }
    }

    private async Task AnswerPageAsync(HttpContext context, int host)
    {
        var page = int.Parse(context.Request.Path.Value.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture);
        var kind = KindOf(host);
        if (kind == Kind.Redirecting)
        {
            context.Response.Redirect($"{_origins[TargetOf(host)]}/{page}");
            return;
        }

        await Task.Delay(TimeSpan.FromSeconds(kind == Kind.Slow ? SlowDelay : Delay));
        var fails = FailsFirst(host, page) && _asked.AddOrUpdate((host, page), 1, (_, count) => count + 1) == 1;
        if (kind == Kind.Limited && !MayAnswer(host))
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "1";
        }
        else if (kind == Kind.Flaky && fails && page % 2 == 0)
        {
            context.Response.StatusCode = 503;
        }
        else if (kind == Kind.Flaky && fails)
        {
            context.Abort();
        }
        else
        {
            await SendAsync(context, host, page, fails);
        }
    }

    /// <summary>So many in each second, and no more.</summary>
    private bool MayAnswer(int host)
    {
        lock (_windows)
        {
            ref var window = ref _windows[host];
            var second = (long)Stopwatch.GetElapsedTime(0).TotalSeconds;
            window = window.Second == second ? (second, window.Count + 1) : (second, 1);
            return window.Count <= _most;
        }
    }

    /// <summary>Sends a page, its rest, or its first half. Every other host that truncates names its pages' versions and takes ranges.</summary>
    private async Task SendAsync(HttpContext context, int host, int page, bool isTruncated)
    {
        var body = BodyOf(host, page);
        var response = context.Response;
        if (KindOf(host) == Kind.Compressed)
        {
            var (coding, coded) = Encode(body, page);
            response.Headers.ContentEncoding = coding;
            body = coded;
        }
        else if (KindOf(host) == Kind.Truncating && host % 2 == 0)
        {
            response.Headers.ETag = $"\"{page}\"";
            if (context.Request.Headers.IfRange == response.Headers.ETag && context.Request.Headers.Range is [{ } range])
            {
                var from = int.Parse(range.AsSpan("bytes=".Length).TrimEnd('-'), NumberStyles.None, CultureInfo.InvariantCulture);
                response.StatusCode = 206;
                response.Headers.ContentRange = $"bytes {from}-{body.Length - 1}/{body.Length}";
                body = body[from..];
            }
        }

        response.ContentLength = body.Length;
        await response.Body.WriteAsync(isTruncated ? body.AsMemory(0, body.Length / 2) : body);
        if (isTruncated)
        {
            await response.Body.FlushAsync();
            context.Abort();
            return;
        }

        Interlocked.Increment(ref _answered);
    }

    private static (string Coding, byte[] Body) Encode(byte[] body, int page)
    {
        using var coded = new MemoryStream();
        using (Stream coder = (page % 3) switch
        {
            0 => new GZipStream(coded, CompressionMode.Compress),
            1 => new BrotliStream(coded, CompressionMode.Compress),
            _ => new ZLibStream(coded, CompressionMode.Compress),
        })
        {
            coder.Write(body);
        }

        return (new[] { "gzip", "br", "deflate" }[page % 3], coded.ToArray());
    }
}
