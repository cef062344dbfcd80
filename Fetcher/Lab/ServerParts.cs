using System.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Fetcher.Lab;

/// <summary>Takes what Kestrel adds to a host, and is none: there is no configuration, and nothing is built.</summary>
internal sealed class ServerParts : IWebHostBuilder
{
    private readonly WebHostBuilderContext _context = new();

    public ServerParts() => Services.AddLogging().AddMetrics().AddOptions().AddSingleton<DiagnosticSource>(new DiagnosticListener("Microsoft.AspNetCore"));

    /// <summary>What was added.</summary>
    public ServiceCollection Services { get; } = new();

    public IWebHostBuilder ConfigureServices(Action<IServiceCollection> configureServices)
    {
        configureServices(Services);
        return this;
    }

    public IWebHostBuilder ConfigureServices(Action<WebHostBuilderContext, IServiceCollection> configureServices)
    {
        configureServices(_context, Services);
        return this;
    }

    public IWebHostBuilder ConfigureAppConfiguration(Action<WebHostBuilderContext, IConfigurationBuilder> configureDelegate) => this;

    public string? GetSetting(string key) => null;

    public IWebHostBuilder UseSetting(string key, string? value) => this;

#pragma warning disable ASPDEPR008 // The interface has it, obsolete or not.
    public IWebHost Build() => throw new NotSupportedException("the server is taken from its parts");
#pragma warning restore ASPDEPR008
}
