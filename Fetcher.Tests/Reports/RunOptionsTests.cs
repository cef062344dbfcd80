using System.Buffers;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Fetcher.Core;
using Fetcher.Core.Reports;

namespace Fetcher.Tests.Reports;

/// <summary>run.options of the JSON report has every option, and no secret.</summary>
public sealed class RunOptionsTests
{
    /// <summary>The options whose text may be a credential; of them it is said whether there was one.</summary>
    private static readonly string[] Secret = [nameof(FetchOptions.Credentials), nameof(FetchOptions.BearerToken), nameof(FetchOptions.Cookie), nameof(FetchOptions.Headers), nameof(FetchOptions.Proxies)];

    /// <summary>The options that stand elsewhere, or are no option of a run.</summary>
    private static readonly Dictionary<string, string> Elsewhere = new()
    {
        [nameof(FetchOptions.Mode)] = "run.mode",
        [nameof(FetchOptions.Lab)] = "run.network",
        [nameof(FetchOptions.KeepBodies)] = "for the library",
        [nameof(FetchOptions.Netrc)] = "what the file of NetrcPath holds",
        [nameof(FetchOptions.HeadRecording)] = "follows from the reports",
    };

    public static TheoryData<string> Properties => [.. Settable(typeof(FetchOptions)).Select(property => property.Name).Except(Elsewhere.Keys)];

    public static TheoryData<string> PropertiesOfProxies => [.. Settable(typeof(ProxyOptions)).Select(property => property.Name)];

    [Theory]
    [MemberData(nameof(Properties))]
    public void Each_option_shows_and_a_secret_does_not(string name)
    {
        var options = new FetchOptions();
        Change(options, name);

        var written = Json(options);
        written.ShouldNotBe(Json(new FetchOptions()));
        written.Contains(Otherwise.Text, StringComparison.Ordinal).ShouldBe(HasText(name) && !Secret.Contains(name));
    }

    [Theory]
    [MemberData(nameof(PropertiesOfProxies))]
    public void Each_option_of_a_proxy_shows_and_its_password_does_not(string name)
    {
        var before = new ProxyOptions(new ProxyAddress(ProxyScheme.Https, "a", 1, "me:hidden"), null, NoProxyList.Empty);
        var after = before with { };
        Change(after, name);

        var written = Json(new FetchOptions { Proxies = after });
        written.ShouldNotBe(Json(new FetchOptions { Proxies = before }));
        written.ShouldNotContain("hidden");
        written.ShouldNotContain("me:");
    }

    [Fact]
    public void Each_name_is_there_once_in_the_order_of_the_list() =>
        JsonDocument.Parse(Json(new FetchOptions())).RootElement.EnumerateObject().Select(option => option.Name)
            .ShouldBe(RunOptions.All.Select(option => option.Name).Distinct());

    [Fact]
    public void The_names_are_in_the_report_of_a_run()
    {
        var report = Sample.WriteAll(new JsonReport(), Sample.Run());
        JsonDocument.Parse(report).RootElement.GetProperty("run").GetProperty("options").EnumerateObject().Select(option => option.Name)
            .ShouldBe(RunOptions.All.Select(option => option.Name));
    }

    private static bool HasText(string property) =>
        typeof(FetchOptions).GetProperty(property, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)!.PropertyType is var type
        && type != typeof(StatusSet) && type != typeof(INameServers) && !type.IsValueType;

    private static void Change(object options, string name)
    {
        var property = Settable(options.GetType()).Single(property => property.Name == name);
        property.SetValue(options, Otherwise.Than(property.GetValue(options), property.PropertyType));
    }

    private static IEnumerable<PropertyInfo> Settable(Type type) =>
        type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(property => property.CanWrite);

    /// <summary>The options as the report has them.</summary>
    internal static string Json(FetchOptions options)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            foreach (var option in RunOptions.All)
            {
                option.Write(json, options);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
