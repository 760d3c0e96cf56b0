using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorBroker.Listener.Configuration;

/// <summary>Reads the files that <see cref="TlsSettings"/> names.</summary>
internal static class TlsFiles
{
    /// <summary>The server's certificate with its key, and the intermediate authorities that clients may not know.</summary>
    /// <exception cref="CryptographicException">A file is damaged, has no certificate or key in it, or the password is wrong.</exception>
    public static (X509Certificate2 Certificate, X509Certificate2Collection Chain) ServerCertificate(TlsSettings tls)
    {
        var password = tls.Password.Length == 0 ? null : tls.Password;
        if (tls.Key.Length > 0)
        {
            using var pem = password is null
                ? X509Certificate2.CreateFromPemFile(tls.Certificate, tls.Key)
                : X509Certificate2.CreateFromEncryptedPemFile(tls.Certificate, password, tls.Key);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(tls.Certificate);
            chain.RemoveAt(0); // the server's own comes first
            return (X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null), chain);
        }

        var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(tls.Certificate, password);
        var own = all.FirstOrDefault(c => c.HasPrivateKey) ?? throw new CryptographicException("there is no private key in it");
        all.Remove(own);
        return (own, all);
    }

    /// <summary>Whom client certificates must come from; empty when clients are not asked for one.</summary>
    /// <exception cref="CryptographicException">The file is damaged, or has no certificate in it.</exception>
    public static X509Certificate2Collection ClientAuthorities(TlsSettings tls)
    {
        var authorities = new X509Certificate2Collection();
        if (tls.ClientAuthorities.Length > 0)
        {
            authorities.ImportFromPemFile(tls.ClientAuthorities);
        }

        return authorities.Count > 0 || tls.ClientAuthorities.Length == 0
            ? authorities
            : throw new CryptographicException("there is no certificate in it");
    }
}
