using System.Reflection;

namespace Fetcher.Core;

/// <summary>Facts about this build.</summary>
internal static class ThisAssembly
{
    /// <summary>The version, as in the project file.</summary>
    public static string Version { get; } =
        typeof(ThisAssembly).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
