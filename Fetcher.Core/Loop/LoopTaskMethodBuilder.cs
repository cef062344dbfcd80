using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Fetcher.Core.Loop;

/// <summary>What the compiler calls in an async method that returns a <see cref="LoopTask"/>.</summary>
[SuppressMessage("Performance", "CA1822", Justification = "The compiler calls these on an instance.")]
internal struct LoopTaskMethodBuilder
{
    private LoopTaskMethodBuilder<Nothing> _builder;

    public readonly LoopTask Task => new(_builder.Promise);

    public static LoopTaskMethodBuilder Create() => default;

    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => stateMachine.MoveNext();

    public void SetResult() => _builder.SetResult(default);

    public void SetException(Exception exception) => _builder.SetException(exception);

    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => _builder.AwaitOnCompleted(ref awaiter, ref stateMachine);

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => _builder.AwaitUnsafeOnCompleted(ref awaiter, ref stateMachine);
}

/// <summary>As <see cref="LoopTaskMethodBuilder"/>, with a result. A method that never waits costs no object; one that waits takes a kept one.</summary>
[SuppressMessage("Performance", "CA1822", Justification = "The compiler calls these on an instance.")]
internal struct LoopTaskMethodBuilder<T>
{
    private T _result;

    /// <summary>Where the method's state is once it has waited; null while it runs on its caller's stack.</summary>
    public LoopPromise<T>? Promise { get; private set; }

    public readonly LoopTask<T> Task => Promise is null ? new(_result) : new(Promise);

    public static LoopTaskMethodBuilder<T> Create() => default;

    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => stateMachine.MoveNext();

    public void SetResult(T result)
    {
        if (Promise is null)
        {
            _result = result;
        }
        else
        {
            Promise.SetResult(result);
        }
    }

    public void SetException(Exception exception) => (Promise ??= new Failure()).SetException(exception);

    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.OnCompleted(Keep(ref stateMachine).Continuation);

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine
    {
        var kept = Keep(ref stateMachine);

        // The compiler knows which, and boxes nothing.
        if (awaiter is ILoopAwaiter)
        {
            ((ILoopAwaiter)awaiter).OnSettled(kept);
        }
        else
        {
            awaiter.UnsafeOnCompleted(kept.Continuation);
        }
    }

    /// <summary>Moves the method's state off the stack, at its first wait.</summary>
    private KeptState<TStateMachine> Keep<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        if (Promise is not null)
        {
            return Unsafe.As<KeptState<TStateMachine>>(Promise);
        }

        var kept = KeptState<TStateMachine>.Rent();

        // First this, since the builder is a part of the state that is copied.
        Promise = kept;
        kept.StateMachine = stateMachine;
        return kept;
    }

    /// <summary>A method's state while it waits.</summary>
    private sealed class KeptState<TStateMachine> : LoopPromise<T>
        where TStateMachine : IAsyncStateMachine
    {
        private const int MostFree = 64;

        private KeptState<TStateMachine>? _next;
        private int _depth;

        public TStateMachine StateMachine = default!;

        /// <summary>What goes on with it, for those who need a delegate.</summary>
        public Action Continuation => field ??= GoOn;

        public static KeptState<TStateMachine> Rent()
        {
            if (FreeStates<TStateMachine>.First is not { } first)
            {
                return new KeptState<TStateMachine>();
            }

            var free = Unsafe.As<KeptState<TStateMachine>>(first);
            FreeStates<TStateMachine>.First = free._next;
            free._next = null;
            return free;
        }

        public override void GoOn() => StateMachine.MoveNext();

        protected override void OnTaken()
        {
            StateMachine = default!;
            var next = Unsafe.As<KeptState<TStateMachine>>(FreeStates<TStateMachine>.First);
            _depth = next is null ? 1 : next._depth + 1;
            if (_depth <= MostFree)
            {
                _next = next;
                FreeStates<TStateMachine>.First = this;
            }
        }
    }

    private sealed class Failure : LoopPromise<T>;
}

/// <summary>
/// The states of a method that are kept for its next calls. A class by itself, since code that is shared by all results of a reference type looks a static
/// field up at run time (bench/NOTES.md).
/// </summary>
internal static class FreeStates<TStateMachine>
{
    [ThreadStatic]
    private static LoopContinuation? _first;

    /// <summary>The first of this thread's, a <c>KeptState</c>, or null.</summary>
    public static LoopContinuation? First
    {
        get => _first;
        set => _first = value;
    }
}
