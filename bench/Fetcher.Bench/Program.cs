using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

// In process: the project that BenchmarkDotNet would generate is none of ours and need not keep the rules of the house.
var config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Default));
BenchmarkSwitcher.FromAssembly(typeof(Fetcher.Bench.LoopBenchmarks).Assembly).Run(args, config);
