using System.Text;
using ActorBroker.Amqp;
using ActorBroker.Amqp.Types;

namespace ActorBroker.Listener.Connections;

/// <summary>Reads the SASL response of connection.start-ok: PLAIN, and the older AMQPLAIN that some clients prefer.</summary>
internal static class Credentials
{
    /// <returns>Null when the response cannot be read: as good as a wrong password.</returns>
    /// <exception cref="ConnectionException">503: a mechanism that was not offered.</exception>
    public static (string User, byte[] Password)? Read(string mechanism, ReadOnlySpan<byte> response) => mechanism switch
    {
        "PLAIN" => Plain(response),
        "AMQPLAIN" => AmqPlain(response),
        _ => throw new ConnectionException(ReplyCode.CommandInvalid, $"unsupported SASL mechanism '{mechanism}'; offered are PLAIN and AMQPLAIN"),
    };

    /// <summary>[authorization identity] NUL user NUL password.</summary>
    private static (string, byte[])? Plain(ReadOnlySpan<byte> response)
    {
        var user = response.IndexOf((byte)0);
        if (user < 0)
        {
            return null;
        }

        var rest = response[(user + 1)..];
        var password = rest.IndexOf((byte)0);
        return password < 0 ? null : (Encoding.UTF8.GetString(rest[..password]), rest[(password + 1)..].ToArray());
    }

    /// <summary>A field table without its length: LOGIN and PASSWORD.</summary>
    private static (string, byte[])? AmqPlain(ReadOnlySpan<byte> response)
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
