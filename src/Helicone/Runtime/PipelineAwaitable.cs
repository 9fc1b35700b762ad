using System;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;

namespace Helicone.Runtime;

/// <summary>Awaits for cmdlets, which go on where they were: on the pipeline thread.</summary>
internal static class PipelineAwaitable
{
    /// <summary>
    /// Awaits a task whose result is a type of the client. The same as awaiting it, except for the awaiter: as a class it leaves no trace of that
    /// type in the fields of the async method, where it would have to load during Import-Module (see <see cref="DependencyLoader"/>).
    /// </summary>
    public static Awaiter<T> OnPipeline<T>(this Task<T> task) => new(task);

    /// <summary>The awaiter.</summary>
    internal sealed class Awaiter<T>(Task<T> task) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => task.IsCompleted;

        public Awaiter<T> GetAwaiter() => this;

        public T GetResult() => task.GetAwaiter().GetResult();

        public void OnCompleted(Action continuation) => task.GetAwaiter().OnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation) => task.GetAwaiter().UnsafeOnCompleted(continuation);
    }
}
