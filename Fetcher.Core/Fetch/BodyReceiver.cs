using System.Buffers;
using System.Security.Cryptography;
using Fetcher.Core.Fetch.Bodies;
using Fetcher.Core.Http;
using Fetcher.Core.Saving;
using Fetcher.Core.Saving.Warc;

namespace Fetcher.Core.Fetch;

/// <summary>What becomes of a body: counted, bounded, hashed, saved and handed over when asked. Used again for the next body.</summary>
internal sealed class BodyReceiver(FetchOptions options, BodyFile? file = null, IBodyTarget? target = null)
{
    private IncrementalHash? _hasher;
    private IncrementalHash? _hash;

    /// <summary>Bytes on the wire, after transfer coding and before content coding.</summary>
    public long Downloaded { get; private set; }

    /// <summary>Bytes as the user gets them.</summary>
    public long Size { get; private set; }

    /// <summary>Whether a body is to be saved where bodies are.</summary>
    public bool Saves { get; set; } = true;

    /// <summary>Whether its hash is wanted.</summary>
    public bool Hashes
    {
        get => _hash is not null;
        set => _hash = value ? _hasher ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
    }

    /// <summary>Where the body is saved, or null.</summary>
    public BodyFile? File => Saves ? file : null;

    /// <summary>Where the body goes besides its file, or null.</summary>
    public IBodyTarget? Target => target;

    /// <summary>The robots.txt that it is, or null.</summary>
    public RobotsText? Text { get; init; }

    /// <summary>What the archive sees of the body, or null.</summary>
    public WarcTape? Tape
    {
        get;
        set => Kept.Set(ref field, value);
    }

    /// <summary>Whether <see cref="DrainAsync"/> comes before more is read: somebody is behind, or has failed.</summary>
    public bool MustDrain => file is { MustDrain: true } || Tape is { MustWait: true } || target is { MustDrain: true };

    /// <summary>Whether the body is counted and nothing else.</summary>
    public bool IsDropped => _hash is null && file is null && target is null && Text is null && Tape is null;

    public void Begin()
    {
        Downloaded = Size = 0;
        _hash?.GetHashAndReset();
    }

    /// <summary>Refuses, before any of it is read, a body that announces itself as too long.</summary>
    /// <exception cref="FetchException">It is longer than the limit.</exception>
    public void Announce(ResponseHead head)
    {
        if (head.Framing == BodyFraming.ContentLength)
        {
            Check(Size + head.ContentLength);
        }
    }

    /// <summary>Counts <paramref name="length"/> bytes that came over the wire.</summary>
    /// <exception cref="FetchException">The body is longer than the limit.</exception>
    public void CountDownloaded(int length) => Check(Downloaded += length);

    /// <summary>Counts <paramref name="length"/> bytes of a body that is dropped.</summary>
    /// <exception cref="FetchException">The body is longer than the limit.</exception>
    public void CountDropped(int length)
    {
        Size += length;
        CountDownloaded(length);
    }

    /// <summary>Takes a run of the body as the user gets it.</summary>
    /// <exception cref="FetchException">The body is longer than the limit.</exception>
    public void Write(ReadOnlySpan<byte> run)
    {
        Check(Size += run.Length);
        _hash?.AppendData(run);
        file?.Write(run);
        target?.Write(run);
        Text?.Write(run);
    }

    /// <summary>Has the file decide by the response's header section whether it saves the body, and where it goes on.</summary>
    /// <exception cref="FetchException">The body cannot be saved, or not continued.</exception>
    public async ValueTask BeginSavingAsync(ResponseHead head) => Size = await file!.BeginAsync(head, _hash).ConfigureAwait(false);

    /// <summary>Waits for the disk, and for whoever else takes the body.</summary>
    /// <exception cref="FetchException">The body cannot be saved or handed over.</exception>
    public async ValueTask DrainAsync()
    {
        if (Tape is { MustWait: true })
        {
            await Tape.WaitForRoomAsync().ConfigureAwait(false);
        }

        if (file is { MustDrain: true })
        {
            await file.DrainAsync().ConfigureAwait(false);
        }

        if (target is { MustDrain: true })
        {
            await target.DrainAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Takes a whole body from its decoder.</summary>
    /// <param name="coded">The body as it comes, which is read to its end: a decoder stops at its own end mark.</param>
    /// <param name="decoded">The decoder that reads <paramref name="coded"/>.</param>
    /// <param name="keep">Called before a wait for the disk, to copy what <paramref name="coded"/> was only lent.</param>
    /// <exception cref="FetchException">It is not coded as it says, or longer than the limit.</exception>
    public async ValueTask WriteDecodedAsync(Stream coded, Stream decoded, Action? keep = null)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            int length;
            while ((length = await decoded.ReadAsync(buffer).ConfigureAwait(false)) > 0)
            {
                Write(buffer.AsSpan(0, length));
                if (MustDrain)
                {
                    keep?.Invoke();
                    await DrainAsync().ConfigureAwait(false);
                }
            }

            while (await coded.ReadAsync(buffer).ConfigureAwait(false) > 0)
            {
            }
        }
        finally
        {
            await decoded.DisposeAsync().ConfigureAwait(false);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The hash of a complete body in lowercase hex, or null when not asked for.</summary>
    public string? FinishHash() => _hash is null ? null : Convert.ToHexStringLower(_hash.GetHashAndReset());

    private void Check(long size)
    {
        if (size > options.MaxFileSize)
        {
            throw Failures.BodyTooLong.Of(options.MaxFileSize).Thrown();
        }
    }
}
