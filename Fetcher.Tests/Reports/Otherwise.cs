using System.Net;
using Fetcher.Commands;
using Fetcher.Core;

namespace Fetcher.Tests.Reports;

/// <summary>Another value of a type, so that a test can change each property in turn, those of tomorrow too.</summary>
internal static class Otherwise
{
    /// <summary>A text that no option has by itself.</summary>
    public const string Text = "hunter2";

    /// <summary>A value of the property's type that is not <paramref name="value"/>; whatever is text in it is <see cref="Text"/>.</summary>
    public static object Than(object? value, Type type) => value switch
    {
        bool flag => !flag,
        int number => number + 1,
        long number => number + 1,
        TimeSpan time => time + TimeSpan.FromSeconds(1),
        Enum choice => Enum.GetValues(type).Cast<object>().First(other => !other.Equals(choice)),
        StatusSet => StatusSet.Parse("204"),
        NoProxyList => NoProxyList.Parse(Text),
        ReadOnlyMemory<byte> => new ReadOnlyMemory<byte>([1]),
        _ => OfReference(Nullable.GetUnderlyingType(type) ?? type),
    };

    private static object OfReference(Type type) =>
        type == typeof(string) ? Text
        : type == typeof(TimeSpan) ? TimeSpan.FromSeconds(1)
        : type == typeof(int) ? 7
        : type == typeof(long) ? 7L
        : type == typeof(INameServers) ? new NameServers([new IPEndPoint(IPAddress.Loopback, 5353)])
        : type == typeof(UrlId) ? new UrlId(Text)
        : type == typeof(FetchError) ? new FetchError(FetchErrorKind.Dns, Text, 6)
        : type == typeof(StallBlocker) ? new StallBlocker(1, "gc pause", 2_000_000)
        : type == typeof(StallSpans) ? new StallSpans()
        : type == typeof(HeaderFields) ? new HeaderFields([], keepsAll: false)
        : type == typeof(List<RedirectStep>) ? new List<RedirectStep> { new(Text, 301, Text) }
        : type == typeof(IReadOnlyList<string>) ? new[] { Text }
        : type == typeof(IReadOnlyList<RequestHeader>) ? new[] { new RequestHeader("X-Name", Text) }
        : type == typeof(IReadOnlyList<ResolveEntry>) ? new[] { new ResolveEntry(Text, 80, [IPAddress.Loopback]) }
        : type == typeof(IReadOnlyList<ConnectTo>) ? new[] { new ConnectTo("", 0, Text, 80) }
        : type == typeof(ProxyAddress) ? new ProxyAddress(ProxyScheme.Http, "proxy", 3128, $"me:{Text}")
        : type == typeof(ProxyOptions) ? new ProxyOptions(null, new ProxyAddress(ProxyScheme.Http, "proxy", 3128, $"me:{Text}"), NoProxyList.Empty)
        : throw new NotSupportedException($"no other value of {type} is known here");
}
