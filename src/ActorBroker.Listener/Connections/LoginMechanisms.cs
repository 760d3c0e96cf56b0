using System.Net;
using System.Text;
using System.Text.Unicode;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;
using ActorBroker.Core.Security;

namespace ActorBroker.Listener.Connections;

/// <summary>
/// The ways to log in on one connection: PLAIN and the older AMQPLAIN that some clients prefer; ANONYMOUS and EXTERNAL where the settings
/// and the client's certificate allow them.
/// </summary>
/// <param name="users">Who may log in.</param>
/// <param name="anonymousUser">Who a client without a name becomes; empty for nobody.</param>
/// <param name="certificateUser">Whom the client's certificate names; null when that is no way to log in.</param>
/// <param name="from">Address of the client.</param>
internal sealed class LoginMechanisms(UserDirectory users, string anonymousUser, string? certificateUser, IPAddress? from)
{
    /// <summary>Their names with a space between, as connection.start has them.</summary>
    public string Offered { get; } =
        $"PLAIN AMQPLAIN{(anonymousUser.Length > 0 ? " ANONYMOUS" : "")}{(certificateUser is not null ? " EXTERNAL" : "")}";

    /// <summary>Reads the SASL response of connection.start-ok and judges it.</summary>
    /// <param name="mechanism">What the client has chosen.</param>
    /// <param name="response">Its response.</param>
    /// <param name="isHeard">False for a user whose password is not even looked at.</param>
    /// <param name="name">The name it claims; empty when the response cannot be read.</param>
    /// <param name="why">Why it was refused, for the broker's log.</param>
    /// <returns>The user, or null when the login is refused.</returns>
    /// <exception cref="ConnectionException">503: a mechanism that was not offered.</exception>
    public User? LogIn(string mechanism, ReadOnlySpan<byte> response, Func<string, bool> isHeard, out string name, out string why)
    {
        switch (mechanism)
        {
            case "ANONYMOUS" when anonymousUser.Length > 0:
                name = anonymousUser;
                return users.Admit(name, from, out why);
            case "EXTERNAL" when certificateUser is not null:
                name = certificateUser;
                return users.Admit(name, from, out why);
            case "PLAIN" or "AMQPLAIN":
                break;
            default:
                throw new ConnectionException(
                    ReplyCode.CommandInvalid, $"unsupported SASL mechanism '{mechanism}'; offered are {Offered.Replace(" ", ", ", StringComparison.Ordinal)}");
        }

        var credentials = mechanism == "PLAIN" ? Plain(response) : AmqPlain(response);
        name = credentials?.User ?? "";
        why = credentials is null ? "the response has no name and password in it" : "there were too many refused logins";
        return credentials is { } known && isHeard(known.User) ? users.Authenticate(known.User, known.Password, from, out why) : null;
    }

    /// <summary>[authorization identity] NUL user NUL password.</summary>
    private static (string User, byte[] Password)? Plain(ReadOnlySpan<byte> response)
    {
        var user = response.IndexOf((byte)0);
        if (user < 0)
        {
            return null;
        }

        var rest = response[(user + 1)..];
        var password = rest.IndexOf((byte)0);
        return password < 0 || !Utf8.IsValid(rest[..password]) ? null : (Encoding.UTF8.GetString(rest[..password]), rest[(password + 1)..].ToArray());
    }

    /// <summary>A field table without its length: LOGIN and PASSWORD.</summary>
    private static (string User, byte[] Password)? AmqPlain(ReadOnlySpan<byte> response)
    {
        var table = FieldTable.FromBytes(response);
        return table["LOGIN"] is string login
            ? table["PASSWORD"] switch
            {
                string text => (login, Encoding.UTF8.GetBytes(text)),
                LongString bytes => (login, bytes.Span.ToArray()),
                _ => null,
            }
            : null;
    }
}
