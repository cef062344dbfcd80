using Fetcher.Core;
using Fetcher.Extensions;
using Fetcher.Queue.Redis;

namespace Fetcher.Tests.Client;

/// <summary>What users of the package can see. Everything else is free to change.</summary>
public sealed class PublicSurfaceTests
{
    [Fact]
    public void The_package_shows_these_types_and_no_others() =>
        typeof(FetchClient).Assembly.GetExportedTypes().Select(type => type.FullName).Order(StringComparer.Ordinal).ShouldBe(
        [
            "Fetcher.Core.AddressFamilyChoice",
            "Fetcher.Core.ConnectTo",
            "Fetcher.Core.FetchBody",
            "Fetcher.Core.FetchClient",
            "Fetcher.Core.FetchError",
            "Fetcher.Core.FetchErrorKind",
            "Fetcher.Core.FetchMethod",
            "Fetcher.Core.FetchMode",
            "Fetcher.Core.FetchOptions",
            "Fetcher.Core.FetchOutcome",
            "Fetcher.Core.FetchQueue",
            "Fetcher.Core.FetchRequest",
            "Fetcher.Core.FetchSetupException",
            "Fetcher.Core.FetchStall",
            "Fetcher.Core.FetchTelemetry",
            "Fetcher.Core.HttpProtocol",
            "Fetcher.Core.NoProxyList",
            "Fetcher.Core.ProxyAddress",
            "Fetcher.Core.ProxyOptions",
            "Fetcher.Core.ProxyScheme",
            "Fetcher.Core.RedirectStep",
            "Fetcher.Core.RequestHeader",
            "Fetcher.Core.ResolveEntry",
            "Fetcher.Core.ResponseHeader",
            "Fetcher.Core.StatusSet",
            "Fetcher.Core.TlsVersion",
            "Fetcher.Core.UrlId",
            "Fetcher.Core.UrlOptions",
        ]);

    [Fact]
    public void The_package_of_shared_jobs_shows_these_types_and_no_others() =>
        typeof(RedisFetchQueue).Assembly.GetExportedTypes().Select(type => type.FullName).Order(StringComparer.Ordinal).ShouldBe(
        [
            "Fetcher.Queue.QueueTelemetry",
            "Fetcher.Queue.Redis.RedisFetchQueue",
            "Fetcher.Queue.Redis.RedisFetchQueueOptions",
        ]);

    [Fact]
    public void The_package_for_containers_shows_these_types_and_no_others() =>
        typeof(FetcherServices).Assembly.GetExportedTypes().Select(type => type.FullName).Order(StringComparer.Ordinal).ShouldBe(
        [
            "Fetcher.Extensions.FetchMessageHandler",
            "Fetcher.Extensions.FetcherLog",
            "Fetcher.Extensions.FetcherServices",
        ]);

    [Fact]
    public void The_library_needs_no_container() =>
        typeof(FetchClient).Assembly.GetReferencedAssemblies().ShouldAllBe(assembly => !assembly.Name!.StartsWith("Microsoft.Extensions", StringComparison.Ordinal));

    [Fact]
    public void The_library_needs_no_client_of_an_engine() =>
        typeof(FetchClient).Assembly.GetReferencedAssemblies().ShouldAllBe(assembly => !assembly.Name!.Contains("Redis", StringComparison.OrdinalIgnoreCase));

    [Fact]
    public void The_client_does_these_things_and_no_others() =>
        typeof(FetchClient).GetMethods().Where(method => method.DeclaringType == typeof(FetchClient))
            .Select(method => $"{method.Name}({string.Join(", ", method.GetParameters().Select(parameter => NameOf(parameter.ParameterType)))})")
            .Order(StringComparer.Ordinal)
            .ShouldBe(
            [
                "Dispose()",
                "DisposeAsync()",
                "FetchAllAsync(IAsyncEnumerable<FetchRequest>, CancellationToken)",
                "FetchAllAsync(IAsyncEnumerable<FetchRequest>, FetchQueue, CancellationToken)",
                "FetchAllAsync(IAsyncEnumerable<String>, CancellationToken)",
                "FetchAllAsync(IAsyncEnumerable<Uri>, CancellationToken)",
                "FetchAllAsync(IEnumerable<FetchRequest>, CancellationToken)",
                "FetchAllAsync(IEnumerable<String>, CancellationToken)",
                "FetchAllAsync(IEnumerable<String>, FetchQueue, CancellationToken)",
                "FetchAllAsync(IEnumerable<Uri>, CancellationToken)",
                "FetchAsync(FetchRequest, CancellationToken)",
                "WorkAsync(FetchQueue, CancellationToken)",
                "get_OnOutcome()",
                "get_OnWarning()",
                "get_Warnings()",
                "set_OnOutcome(Action<FetchOutcome>)",
                "set_OnWarning(Action<String>)",
            ]);

    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
        : type.Name;
}
