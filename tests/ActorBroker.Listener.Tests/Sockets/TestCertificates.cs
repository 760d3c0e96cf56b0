using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ActorBroker.Listener.Tests.Sockets;

/// <summary>Authorities and certificates made for one test, in files as an operator has them.</summary>
public sealed class TestCertificates : IDisposable
{
    public const string Password = "a password";

    private static readonly DateTimeOffset From = DateTimeOffset.UtcNow.AddHours(-1);
    private static readonly DateTimeOffset To = DateTimeOffset.UtcNow.AddHours(1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("actorbroker-tls-");

    public TestCertificates()
    {
        Root = Authority("CN=root", null);
        Intermediate = Authority("CN=intermediate", Root);
        OtherRoot = Authority("CN=other root", null);
        Server = Leaf("CN=localhost", Root);
        Client = Leaf("CN=client", Root);
        StrangeClient = Leaf("CN=client", OtherRoot);
        ClientOfIntermediate = Leaf("CN=client", Intermediate);
        ServerOnly = Leaf("CN=client", Root, forClients: false);
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2 Intermediate { get; }

    public X509Certificate2 OtherRoot { get; }

    public X509Certificate2 Server { get; }

    public X509Certificate2 Client { get; }

    public X509Certificate2 StrangeClient { get; }

    public X509Certificate2 ClientOfIntermediate { get; }

    /// <summary>Made for a server and nothing else, whatever its name.</summary>
    public X509Certificate2 ServerOnly { get; }

    /// <summary>The root as PEM.</summary>
    public string RootFile => Write("root.pem", Root.ExportCertificatePem());

    /// <summary>The server's certificate and key as PEM.</summary>
    public (string Certificate, string Key) ServerFiles => (Write("server.pem", Server.ExportCertificatePem()), Write("server.key", KeyOf(Server)));

    /// <summary>The same with an encrypted key.</summary>
    public (string Certificate, string Key) EncryptedServerFiles => (ServerFiles.Certificate, Write(
        "server-encrypted.key",
        Server.GetECDsaPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem(
            Password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000))));

    /// <summary>The server's certificate and key as PKCS#12 with a password.</summary>
    public string ServerPkcs12
    {
        get
        {
            var path = Path.Combine(_folder.FullName, "server.p12");
            File.WriteAllBytes(path, Server.Export(X509ContentType.Pkcs12, Password));
            return path;
        }
    }

    /// <summary>A server's certificate that comes from the root by an intermediate, which is in the file, too.</summary>
    public (string Certificate, string Key) ChainFiles
    {
        get
        {
            using var leaf = Leaf("CN=localhost", Intermediate);
            return (
                Write("chain.pem", $"{leaf.ExportCertificatePem()}\n{Intermediate.ExportCertificatePem()}\n"),
                Write("chain.key", KeyOf(leaf)));
        }
    }

    public void Dispose()
    {
        foreach (var certificate in new[] { Root, Intermediate, OtherRoot, Server, Client, StrangeClient, ClientOfIntermediate, ServerOnly })
        {
            certificate.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    private static string KeyOf(X509Certificate2 certificate) => certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();

    private static X509Certificate2 Authority(string name, X509Certificate2? issuer)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return issuer is null ? request.CreateSelfSigned(From, To) : Signed(request, key, issuer);
    }

    private static X509Certificate2 Leaf(string name, X509Certificate2 issuer, bool forClients = true)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        OidCollection uses = [new Oid("1.3.6.1.5.5.7.3.1")];
        if (forClients)
        {
            uses.Add(new Oid("1.3.6.1.5.5.7.3.2"));
        }

        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(uses, false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return Signed(request, key, issuer);
    }

    private static X509Certificate2 Signed(CertificateRequest request, ECDsa key, X509Certificate2 issuer)
    {
        using var bare = request.Create(issuer, From, To, RandomNumberGenerator.GetBytes(12));
        using var withKey = bare.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
