using System.Diagnostics;
using Fetcher.Commands;
using Fetcher.Lab;

namespace Fetcher.Tests.Lab;

public sealed class LabProcessTests
{
    [Fact]
    public async Task The_lab_runs_in_a_process_of_its_own()
    {
        await using var lab = await LabCommand.StartChildAsync(new LabOptions { Body = 4321, Delay = TimeSpan.Zero }, default);
        using var client = LabClient.For(lab.HttpPort, lab.HttpsPort, lab.CaCertificatePem);

        lab.Id.ShouldNotBe(Environment.ProcessId);
        (await client.GetByteArrayAsync("http://one.example/")).Length.ShouldBe(4321);
        (await client.GetByteArrayAsync("https://two.example/")).Length.ShouldBe(4321);
        using var http2 = LabClient.ForHttp2(lab.Http2Port);
        (await http2.GetByteArrayAsync("http://three.example/")).Length.ShouldBe(4321);
    }

    [Fact]
    public async Task Its_process_has_a_name_of_its_own()
    {
        await using var lab = await LabCommand.StartChildAsync(new LabOptions(), default);

        (await File.ReadAllTextAsync($"/proc/{lab.Id}/comm")).ShouldBe("fetcher-lab\n");
    }

    [Fact]
    public async Task Its_process_is_gone_after_the_end()
    {
        var lab = await LabCommand.StartChildAsync(new LabOptions(), default);
        using var process = Process.GetProcessById(lab.Id);
        await lab.DisposeAsync();

        process.WaitForExit(0).ShouldBeTrue();
        using var client = LabClient.For(lab.HttpPort, lab.HttpsPort, lab.CaCertificatePem);
        await Should.ThrowAsync<HttpRequestException>(client.GetAsync("http://h/get"));
    }

    [Fact]
    public async Task A_child_that_does_not_come_up_says_why()
    {
        await using var taken = await LabOrigin.StartAsync(new LabOptions(), default);
        var e = await Should.ThrowAsync<IOException>(LabCommand.StartChildAsync(new LabOptions { HttpPort = taken.HttpPort }, default));

        e.Message.ShouldStartWith("the lab ended before it was up: ");
        e.Message.ShouldContain($"127.0.0.1:{taken.HttpPort}");
    }

    [Fact]
    public async Task A_start_can_be_called_off() =>
        await Should.ThrowAsync<OperationCanceledException>(LabCommand.StartChildAsync(new LabOptions(), new CancellationToken(canceled: true)));

    [Fact]
    public void Fetcher_is_found_beside_a_test_host_and_through_dotnet()
    {
        LabProcess.Executable("/x/Fetcher.Tests", "/x").ShouldBe(("/x/fetcher", []));
        LabProcess.Executable("/usr/bin/dotnet", "/x").File.ShouldBe("/usr/bin/dotnet");
        LabProcess.Executable("/usr/bin/dotnet", "/x").First.ShouldBe(["/x/fetcher.dll"]);
    }

    [Fact]
    public void An_emulator_runs_the_child_as_it_runs_this_process()
    {
        var (file, first) = LabProcess.Emulated("/usr/bin/qemu-aarch64", "/x/fetcher", ("/x/fetcher", ["-v"]));
        file.ShouldBe("/usr/bin/qemu-aarch64");
        first.ShouldBe(["/x/fetcher", "-v"]);
        LabProcess.Emulated("/x/fetcher", "/x/fetcher", ("/x/fetcher", [])).ShouldBe(("/x/fetcher", []));
        LabProcess.Emulated(null, "/x/fetcher", ("/x/fetcher", [])).ShouldBe(("/x/fetcher", []));
    }
}
