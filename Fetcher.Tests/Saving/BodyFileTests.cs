using System.Text;
using Fetcher.Core;
using Fetcher.Core.Http;
using Fetcher.Core.Saving;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Saving;

/// <summary>A body's file as its transfer sees it, and what becomes of a command that nobody waits for any more.</summary>
public sealed class BodyFileTests
{
    [Fact]
    public async Task After_a_body_that_the_disk_did_not_take_in_time_others_are_saved()
    {
        using var folder = new TempFolder();
        var executor = new ManualExecutor(queues: true);
        var file = new BodyFile(new BodyStore(new FetchOptions { OutputDir = folder.Path }), executor);

        (await SaveAsync(file, "a")).ShouldBe(folder["a"]);
        executor.IsLate = true;
        (await Should.ThrowAsync<FetchException>(() => SaveAsync(file, "late"))).Message.ShouldContain("did not take the body in time");
        executor.IsLate = false;
        await file.LeaveAsync();
        (await SaveAsync(file, "b")).ShouldBe(folder["b"]);
        (await SaveAsync(file, "c")).ShouldBe(folder["c"]);

        foreach (var name in new[] { "a", "b", "c" })
        {
            (await File.ReadAllTextAsync(folder[name], TestContext.Current.CancellationToken)).ShouldBe($"the body of {name}");
        }
    }

    [Fact]
    public async Task As_many_buffers_as_were_full_at_once_are_used_again()
    {
        using var folder = new TempFolder();
        var store = new BodyStore(new FetchOptions { OutputDir = folder.Path });
        var files = Enumerable.Range(0, 200).Select(_ => new BodyFile(store, new ManualExecutor(queues: true))).ToArray();
        await SaveAllAsync();

        (await SaveAllAsync()).ShouldBeLessThan(16 * 1024);

        // The bytes that are allocated while each body waits for its last.
        async Task<long> SaveAllAsync()
        {
            foreach (var file in files)
            {
                await BeginAsync(file, "body");
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var file in files)
            {
                file.Write("the body"u8);
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            foreach (var file in files)
            {
                (await file.FinishAsync(null)).ShouldNotBeNull();
            }

            return allocated;
        }
    }

    [Fact]
    public void A_command_that_was_given_up_is_not_done()
    {
        var isDone = false;
        var command = new WriteCommand(() => isDone = true);

        command.GiveUp();
        command.Run();

        isDone.ShouldBeFalse();
        Should.Throw<FetchException>(() => command.TakeResult()).Message.ShouldContain("in time");
    }

    private static async Task<string?> SaveAsync(BodyFile file, string name)
    {
        await BeginAsync(file, name);
        file.Write(Encoding.ASCII.GetBytes($"the body of {name}"));
        return await file.FinishAsync(null);
    }

    private static async Task BeginAsync(BodyFile file, string name)
    {
        var head = new ResponseHead();
        ResponseParser.Parse("HTTP/1.1 200 OK\r\n\r\n"u8, false, head, out _, out _);
        await file.PrepareAsync(Urls.Of($"http://host.test/{name}"), new UrlItem(), isFirst: true, long.MaxValue);
        await file.BeginAsync(head, null);
    }
}
