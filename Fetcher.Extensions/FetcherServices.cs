using Fetcher.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Fetcher.Extensions;

/// <summary>A <see cref="FetchClient"/> in a container.</summary>
public static class FetcherServices
{
    /// <summary>Adds one client for the whole program, which the container disposes. Where it has a logger, outcomes and warnings are logged.</summary>
    /// <param name="services">The container's services.</param>
    public static IServiceCollection AddFetcher(this IServiceCollection services) => services.AddFetcher(new FetchOptions());

    /// <inheritdoc cref="AddFetcher(IServiceCollection)"/>
    /// <param name="services">The container's services.</param>
    /// <param name="options">How URLs are fetched.</param>
    public static IServiceCollection AddFetcher(this IServiceCollection services, FetchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return services.AddFetcher(_ => options);
    }

    /// <summary>Adds one client for the whole program, with options that are made of other services.</summary>
    /// <param name="services">The container's services.</param>
    /// <param name="options">Makes the options, when the client is asked for the first time.</param>
    public static IServiceCollection AddFetcher(this IServiceCollection services, Func<IServiceProvider, FetchOptions> options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddSingleton(provider => FetcherLog.NewClient(options(provider), provider.GetService<ILogger<FetchClient>>()));
        return services;
    }
}
