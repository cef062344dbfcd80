using Fetcher.Core.DotNet;
using Fetcher.Core.Net;

namespace Fetcher.Tests.Net;

public sealed class DotNetCallTests
{
    [Fact]
    public void What_goes_on_when_an_exchange_is_over_does_not_keep_it()
    {
        var exchange = new DotNetCall(
            new Endpoint(false, "a.test", 80), readTimeout: long.MaxValue, deadline: long.MaxValue, TimeProvider.System, stop: default, giveUp: default);
        DotNetCall.Current.ShouldBe(exchange);

        exchange.Dispose();

        DotNetCall.Current.ShouldBeNull();
    }
}
