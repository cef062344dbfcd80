using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Fetcher.Lab;

/// <summary>Digest access authentication (RFC 7616), with SHA-256.</summary>
internal static class LabDigest
{
    private const string Realm = "lab", Scheme = "Digest";

    private static readonly byte[] Secret = RandomNumberGenerator.GetBytes(16);

    /// <summary>What was sent as JSON for who knows the password; else a challenge.</summary>
    public static Task AnswerAsync(HttpContext context, string user, string password)
    {
        if (Holds(context, user, password))
        {
            return LabEcho.GetAsync(context);
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = $"{Scheme} realm=\"{Realm}\", nonce=\"{Nonce(context)}\", qop=\"auth\", algorithm=SHA-256";
        return Task.CompletedTask;
    }

    private static bool Holds(HttpContext context, string user, string password)
    {
        if (!AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var given) || given is not { Scheme: Scheme, Parameter: { } parameter })
        {
            return false;
        }

        var fields = parameter.Split(',').Select(part => part.Split('=', 2)).Where(pair => pair.Length == 2)
            .ToLookup(pair => pair[0].Trim(), pair => pair[1].Trim().Trim('"'));
        string Field(string name) => fields[name].FirstOrDefault() ?? "";
        var first = Hash($"{user}:{Realm}:{password}");
        var second = Hash($"{context.Request.Method}:{Field("uri")}");
        return Field("username") == user && Field("nonce") == Nonce(context)
            && Field("response") == Hash($"{first}:{Field("nonce")}:{Field("nc")}:{Field("cnonce")}:{Field("qop")}:{second}");
    }

    /// <summary>The same for the same path, so that nothing has to be kept.</summary>
    private static string Nonce(HttpContext context) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Secret, Encoding.UTF8.GetBytes(context.Request.Path.Value ?? ""))[..16]);

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
