using System.Runtime.CompilerServices;

namespace Fetcher.Tests.Testing;

/// <summary>What the runtime of a child is spared: the programs that tests start live for less than a second, most of it spent compiling.</summary>
internal static class ChildRuntime
{
    /// <summary>Sets what children inherit: no profiling for a second compilation, and no sockets for debuggers, which a killed child leaves in /tmp.</summary>
    [ModuleInitializer]
    internal static void Set()
    {
        Environment.SetEnvironmentVariable("DOTNET_TieredPGO", "0");
        Environment.SetEnvironmentVariable("DOTNET_EnableDiagnostics", "0");
    }
}
