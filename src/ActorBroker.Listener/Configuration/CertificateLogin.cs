using System.Security.Cryptography.X509Certificates;

namespace ActorBroker.Listener.Configuration;

/// <summary>Whether a client certificate is as good as a password (SASL mechanism EXTERNAL), and whom it names.</summary>
internal enum CertificateLogin
{
    /// <summary>It is not.</summary>
    Off,

    /// <summary>The common name of its subject.</summary>
    CommonName,

    /// <summary>Its subject as RFC 4514 writes it: <c>CN=alice,O=Example</c>.</summary>
    DistinguishedName,
}

/// <summary>Reads the name of a user out of a certificate.</summary>
internal static class CertificateNames
{
    /// <returns>
    /// Null when there is no certificate, or no such name in it; of two common names neither counts, and a part with several values
    /// (<c>CN=alice+UID=7</c>) says nothing for certain: who leaves it out takes one subject for another.
    /// </returns>
    public static string? UserName(this CertificateLogin from, X509Certificate2? certificate)
    {
        if (certificate is null || from == CertificateLogin.Off)
        {
            return null;
        }

        var subject = certificate.SubjectName.EnumerateRelativeDistinguishedNames(reversed: true).ToArray();
        if (subject.Any(p => p.HasMultipleElements))
        {
            return null;
        }

        var parts = subject.Select(p => (Type: Short(p.GetSingleElementType().Value), Value: p.GetSingleElementValue() ?? "")).ToArray();
        if (from == CertificateLogin.DistinguishedName)
        {
            return parts.Length == 0 ? null : string.Join(',', parts.Select(p => $"{p.Type}={Escaped(p.Value)}"));
        }

        var names = parts.Where(p => p.Type == "CN").ToArray();
        return names is [{ Value.Length: > 0 } only] ? only.Value : null;
    }

    private static string? Short(string? oid) => oid switch
    {
        "2.5.4.3" => "CN",
        "2.5.4.6" => "C",
        "2.5.4.7" => "L",
        "2.5.4.8" => "ST",
        "2.5.4.9" => "STREET",
        "2.5.4.10" => "O",
        "2.5.4.11" => "OU",
        "0.9.2342.19200300.100.1.1" => "UID",
        "0.9.2342.19200300.100.1.25" => "DC",
        _ => oid,
    };

    private static string Escaped(string value)
    {
        var escaped = string.Concat(value.Select(c => c is ',' or '+' or '"' or '\\' or '<' or '>' or ';' ? $"\\{c}" : $"{c}"));
        return escaped is ['#' or ' ', ..] ? $"\\{escaped}" : escaped;
    }
}
