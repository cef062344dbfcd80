namespace Fetcher.Core.Interop;

/// <summary>Is told, on the thread that makes them, when system calls begin and end.</summary>
internal interface ISyscallTimer
{
    void Begin(Syscall call);

    void End();
}
