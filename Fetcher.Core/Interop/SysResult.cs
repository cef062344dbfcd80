using System.Runtime.InteropServices;

namespace Fetcher.Core.Interop;

/// <summary>What a system call gave back: its value, or the error number negated, as the kernel itself returns it.</summary>
internal readonly struct SysResult(int value)
{
    /// <summary>The call's value; negative when it failed.</summary>
    public int Value { get; } = value;

    public bool IsError => Value < 0;

    public Errno Error => Value < 0 ? (Errno)(-Value) : Errno.None;

    /// <summary>The call was refused only because it would have had to wait.</summary>
    public bool WouldBlock => Value == -(int)Errno.EAGAIN;

    /// <summary>The kernel's sentence for the error.</summary>
    public string Message => Describe(Error);

    /// <summary>The sentence for <paramref name="error"/> with its name, such as "Connection refused (ECONNREFUSED)".</summary>
    public static string Describe(Errno error) => $"{Marshal.GetPInvokeErrorMessage((int)error)} ({error})";

    /// <summary>Gives the value.</summary>
    /// <exception cref="IOException">The call failed.</exception>
    public int OrThrow(string call) => IsError ? throw new IOException($"{call}: {Message}") : Value;
}
