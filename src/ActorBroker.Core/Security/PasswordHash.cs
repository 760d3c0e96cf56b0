using System.Security.Cryptography;
using System.Text;

namespace ActorBroker.Core.Security;

/// <summary>How a password is hashed, by RabbitMQ's names in exported definitions (hashing_algorithm).</summary>
internal enum PasswordHashAlgorithm
{
    /// <summary>rabbit_password_hashing_sha256, the default.</summary>
    Sha256,

    /// <summary>rabbit_password_hashing_sha512.</summary>
    Sha512,

    /// <summary>rabbit_password_hashing_md5: of RabbitMQ before 3.6, to let old users in.</summary>
    Md5,
}

/// <summary>
/// A password as RabbitMQ keeps it: four bytes of salt, then the hash of salt and password, in base 64. Users exported
/// from there can log in here.
/// </summary>
internal sealed class PasswordHash
{
    /// <summary>Bytes of salt.</summary>
    public const int SaltLength = 4;

    private readonly byte[] _saltAndHash;

    private PasswordHash(byte[] saltAndHash, PasswordHashAlgorithm algorithm)
    {
        _saltAndHash = saltAndHash;
        Algorithm = algorithm;
    }

    /// <summary>How it was hashed.</summary>
    public PasswordHashAlgorithm Algorithm { get; }

    /// <summary>Salt and hash in base 64 (password_hash of exported definitions).</summary>
    public string Base64 => Convert.ToBase64String(_saltAndHash);

    /// <summary>RabbitMQ's name of the algorithm (hashing_algorithm of exported definitions).</summary>
    public string AlgorithmName => Algorithm switch
    {
        PasswordHashAlgorithm.Sha512 => "rabbit_password_hashing_sha512",
        PasswordHashAlgorithm.Md5 => "rabbit_password_hashing_md5",
        _ => "rabbit_password_hashing_sha256",
    };

    /// <summary>Hashes a password.</summary>
    /// <param name="password">The password.</param>
    /// <param name="salt">Exactly <see cref="SaltLength"/> random bytes.</param>
    /// <param name="algorithm">How to hash.</param>
    /// <exception cref="ArgumentException">The salt has another length.</exception>
    public static PasswordHash Create(
        string password, ReadOnlySpan<byte> salt, PasswordHashAlgorithm algorithm = PasswordHashAlgorithm.Sha256)
    {
        if (salt.Length != SaltLength)
        {
            throw new ArgumentException($"The salt has {salt.Length} bytes: must be {SaltLength}.", nameof(salt));
        }

        return new PasswordHash([.. salt, .. Hash(password, salt, algorithm)], algorithm);
    }

    /// <summary>Reads what RabbitMQ exported.</summary>
    /// <param name="base64">password_hash.</param>
    /// <param name="algorithmName">hashing_algorithm; null is SHA-256.</param>
    /// <exception cref="FormatException">No base 64, an unknown algorithm, or a hash of the wrong length.</exception>
    public static PasswordHash Parse(string base64, string? algorithmName = null)
    {
        var algorithm = algorithmName switch
        {
            null or "rabbit_password_hashing_sha256" => PasswordHashAlgorithm.Sha256,
            "rabbit_password_hashing_sha512" => PasswordHashAlgorithm.Sha512,
            "rabbit_password_hashing_md5" => PasswordHashAlgorithm.Md5,
            _ => throw new FormatException($"Unknown hashing algorithm '{algorithmName}'."),
        };
        var bytes = Convert.FromBase64String(base64);
        var expected = SaltLength + HashLength(algorithm);
        return bytes.Length == expected
            ? new PasswordHash(bytes, algorithm)
            : throw new FormatException($"A password hash of {bytes.Length} bytes: must be {expected} with its salt.");
    }

    /// <summary>Compares in a time that does not depend on where they differ.</summary>
    public bool Matches(string password)
    {
        var hash = Hash(password, _saltAndHash.AsSpan(0, SaltLength), Algorithm);
        return CryptographicOperations.FixedTimeEquals(hash, _saltAndHash.AsSpan(SaltLength));
    }

    private static int HashLength(PasswordHashAlgorithm algorithm) => algorithm switch
    {
        PasswordHashAlgorithm.Sha512 => SHA512.HashSizeInBytes,
        PasswordHashAlgorithm.Md5 => MD5.HashSizeInBytes,
        _ => SHA256.HashSizeInBytes,
    };

    private static byte[] Hash(string password, ReadOnlySpan<byte> salt, PasswordHashAlgorithm algorithm)
    {
        byte[] salted = [.. salt, .. Encoding.UTF8.GetBytes(password)];
        return algorithm switch
        {
            PasswordHashAlgorithm.Sha512 => SHA512.HashData(salted),
            PasswordHashAlgorithm.Md5 => MD5.HashData(salted),
            _ => SHA256.HashData(salted),
        };
    }
}
