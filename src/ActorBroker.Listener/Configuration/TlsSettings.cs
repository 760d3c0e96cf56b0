using System.Security.Cryptography;
using ActorBroker.Configuration;
using Akka.Configuration;

namespace ActorBroker.Listener.Configuration;

/// <summary>The <c>actor-broker.amqp.tls</c> block.</summary>
/// <param name="Certificate">File with the server's certificate and chain (PEM), or a PKCS#12 file.</param>
/// <param name="Key">File with its private key (PEM); empty for PKCS#12.</param>
/// <param name="Password">Of the PKCS#12 file or the key; may be empty.</param>
/// <param name="ClientAuthorities">File with the authorities that client certificates must come from (PEM); empty for none.</param>
/// <param name="RequireClientCertificate">Mutual TLS.</param>
public sealed record TlsSettings(string Certificate, string Key, string Password, string ClientAuthorities, bool RequireClientCertificate)
{
    /// <summary>Where these settings live.</summary>
    public const string Path = ListenerSettings.Path + ".tls";

    /// <summary>What of a client's certificate is the name of its user.</summary>
    internal CertificateLogin LoginFrom { get; private init; }

    /// <summary>Reads the block; null when no certificate is given.</summary>
    /// <exception cref="ConfigurationException">Names the full path, the value, and what is allowed.</exception>
    public static TlsSettings? From(Config root)
    {
        var block = new SettingsBlock(root, Path);
        var settings = new TlsSettings(
            block.String("certificate"), block.String("key"), block.String("password"), block.String("client-authorities"), block.Bool("require-client-certificate"))
        {
            LoginFrom = block.String("login-from") switch
            {
                "off" => CertificateLogin.Off,
                "common-name" => CertificateLogin.CommonName,
                "distinguished-name" => CertificateLogin.DistinguishedName,
                var other => throw new ConfigurationException($"{Path}.login-from = {other}: must be off, common-name or distinguished-name"),
            },
        };
        return settings.Certificate.Length == 0 ? null : settings.Checked();
    }

    private TlsSettings Checked()
    {
        foreach (var (name, file) in new[] { ("certificate", Certificate), ("key", Key), ("client-authorities", ClientAuthorities) })
        {
            if (file.Length > 0 && !File.Exists(file))
            {
                throw new ConfigurationException($"{Path}.{name} = {file}: no such file");
            }
        }

        if (RequireClientCertificate && ClientAuthorities.Length == 0)
        {
            throw new ConfigurationException($"{Path}.client-authorities is empty: require-client-certificate = on needs a file with authorities (PEM)");
        }

        if (LoginFrom != CertificateLogin.Off && ClientAuthorities.Length == 0)
        {
            throw new ConfigurationException($"{Path}.client-authorities is empty: login-from needs a file with authorities (PEM)");
        }

        Check("certificate", Certificate, () => TlsFiles.ServerCertificate(this));
        Check("client-authorities", ClientAuthorities, () => TlsFiles.ClientAuthorities(this));
        return this;
    }

    private static void Check(string name, string file, Action load)
    {
        try
        {
            load();
        }
        catch (CryptographicException e)
        {
            throw new ConfigurationException($"{Path}.{name} = {file}: {e.Message}");
        }
    }
}
