using System.Diagnostics;
using Fetcher.Core;
using Fetcher.Telemetry;

namespace Fetcher.Tests.Telemetry;

/// <summary>The variables of OpenTelemetry, as its specification has them.</summary>
public sealed class OtlpSettingsTests
{
    [Fact]
    public void Nothing_is_exported_unless_it_is_asked_for()
    {
        Of().ShouldBeNull();
        Of(("OTEL_EXPORTER_OTLP_ENDPOINT", "")).ShouldBeNull();
        Of(("OTEL_SERVICE_NAME", "x"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_TRACES_EXPORTER", "none")).ShouldBeNull();
        Of(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"), ("OTEL_SDK_DISABLED", "True")).ShouldBeNull();
        Of(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"), ("OTEL_SDK_DISABLED", "1")).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("http/protobuf", "http://localhost:4318/v1/traces")]
    [InlineData("grpc", "http://localhost:4317/opentelemetry.proto.collector.trace.v1.TraceService/Export")]
    public void Named_without_an_endpoint_a_collector_is_at_the_usual_port(string protocol, string url)
    {
        var settings = Of(("OTEL_TRACES_EXPORTER", "otlp"), ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)).ShouldNotBeNull();

        settings.Traces!.Url.ToString().ShouldBe(url);
        settings.Metrics.ShouldBeNull();
        settings.Traces.Timeout.ShouldBe(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void What_is_said_of_one_signal_counts_more()
    {
        var settings = Of(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://c:1/x"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "2000"), ("OTEL_EXPORTER_OTLP_HEADERS", "a=1"),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://t:2"), ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "3000"), ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "b=2"))!;

        (settings.Traces!.Url.ToString(), settings.Traces.Timeout.TotalSeconds, settings.Traces.Headers.ShouldHaveSingleItem().Key).ShouldBe(("http://t:2/", 3, "b"));
        (settings.Metrics!.Url.ToString(), settings.Metrics.Timeout.TotalSeconds, settings.Metrics.Headers.ShouldHaveSingleItem().Key).ShouldBe(("https://c:1/x/v1/metrics", 2, "a"));
        settings.NeedsSystemTrust.ShouldBeTrue();
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "fetcher speaks http/protobuf and grpc")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "localhost:4318", "is no URL of http or https")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "soon", "which is no whole number from 1 on")]
    [InlineData("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", "fetcher knows gzip and none")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "secret", "is no list like a=b,c=d")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "a=secret%0A", "cannot stand in a header field")]
    [InlineData("OTEL_EXPORTER_OTLP_CERTIFICATE", "/none.pem", "there is no file '/none.pem'")]
    [InlineData("OTEL_TRACES_SAMPLER", "jaeger_remote", "fetcher knows always_on")]
    [InlineData("OTEL_TRACES_SAMPLER_ARG", "2", "no number from 0 to 1")]
    [InlineData("OTEL_BSP_MAX_QUEUE_SIZE", "0", "no whole number from 1 on")]
    public void A_variable_that_makes_no_sense_is_named(string name, string value, string because)
    {
        var e = Should.Throw<FetchSetupException>(() => Of(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"), ("OTEL_TRACES_SAMPLER", name == "OTEL_TRACES_SAMPLER" ? value : "traceidratio"), (name, value)));

        e.Message.ShouldContain(name);
        e.Message.ShouldContain(because);
        e.Message.ShouldNotContain("secret");
    }

    [Fact]
    public void What_is_not_done_is_told()
    {
        var settings = Of(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"), ("OTEL_TRACES_EXPORTER", "zipkin"), ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "Delta"))!;

        settings.Traces.ShouldBeNull();
        settings.Warnings.Count.ShouldBe(2);
        settings.Warnings[0].ShouldStartWith("OTEL_TRACES_EXPORTER names 'zipkin'");
    }

    [Theory]
    [InlineData("always_on", true, true)]
    [InlineData("always_off", false, false)]
    [InlineData("parentbased_always_off", false, true)]
    [InlineData("parentbased_always_on", true, true)]
    [InlineData("traceidratio", true, true)]
    public void A_sampler_decides_by_its_name(string name, bool ofRoot, bool ofRecordedParent)
    {
        var sampler = Of(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"), ("OTEL_TRACES_SAMPLER", name))!.Sampler;
        var parent = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, isRemote: true);

        sampler.Records(parent.TraceId, default).ShouldBe(ofRoot);
        sampler.Records(parent.TraceId, parent).ShouldBe(ofRecordedParent);
    }

    [Fact]
    public void A_ratio_goes_by_the_id_of_the_trace()
    {
        var sampler = Of(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c"), ("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0.25"))!.Sampler;

        Records("ffffffffffffffff3000000000000000").ShouldBeTrue();
        Records("0000000000000000f000000000000000").ShouldBeFalse();
        Records("00000000000000014fffffffffffffff").ShouldBeFalse();

        bool Records(string trace) => sampler.Records(ActivityTraceId.CreateFromString(trace), default);
    }

    /// <summary>Of a variable that is given twice, the last counts.</summary>
    private static OtlpSettings? Of(params (string Name, string Value)[] environment) =>
        OtlpSettings.Of(name => environment.Where(variable => variable.Name == name).Select(variable => variable.Value).LastOrDefault());
}
