// What .NET's own client costs for the same transfers: httpclient FILE IN_FLIGHT [2]. Every body is read and dropped; ends with 1 if a URL failed.
// With a 2 it speaks HTTP/2 and nothing else.
using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false });
if (args is [_, _, "2"])
{
    (client.DefaultRequestVersion, client.DefaultVersionPolicy) = (System.Net.HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
}

var urls = File.ReadLines(args[0]).GetEnumerator();
var gate = new Lock();
var failed = 0;
await Task.WhenAll(Enumerable.Range(0, int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture)).Select(_ => Task.Run(WorkAsync)));
return failed == 0 ? 0 : 1;

async Task WorkAsync()
{
    var buffer = new byte[16 * 1024];
    while (Next() is { } url)
    {
        try
        {
            using var response = await client.GetAsync(new Uri(url), HttpCompletionOption.ResponseHeadersRead);
            await using var body = await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
            while (await body.ReadAsync(buffer) > 0)
            {
            }
        }
        catch (HttpRequestException e)
        {
            await Console.Error.WriteLineAsync($"{url}: {e.Message}");
            Interlocked.Increment(ref failed);
        }
    }
}

string? Next()
{
    lock (gate)
    {
        return urls.MoveNext() ? urls.Current : null;
    }
}
