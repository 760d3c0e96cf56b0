using System.Net;
using ActorBroker.Amqp;
using ActorBroker.Core.Diagnostics;
using ActorBroker.Core.Security;
using Akka.Actor;
using Akka.Event;

namespace ActorBroker.Diagnostics;

/// <summary>What the broker says about connections, in one place.</summary>
internal sealed class BrokerLog(ActorSystem system)
{
    /// <summary>For this long a source that is refused again and again may write a few lines; then comes the number of the others.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private const int LinesOfOne = 5;
    private const int LinesOfAll = 50;
    private const int SumsOfWindow = 10;

    private readonly ILoggingAdapter _log = Logging.GetLogger(system, "actor-broker").OneLine();
    private readonly LineQuota _quota = new(LinesOfOne, LinesOfAll);
    private readonly Lock _lock = new();

    /// <summary>A client has finished its handshake.</summary>
    public void ConnectionOpened(object connection, string user, string virtualHost, string name) =>
        _log.Info("{0}: user '{1}' entered vhost '{2}' as '{3}'", connection, user, virtualHost, name);

    /// <summary>A client is gone without saying so.</summary>
    public void ConnectionLost(object connection, string why) => _log.Info("{0} was lost: {1}", connection, why);

    /// <summary>A fault of ours ended a connection.</summary>
    public void ConnectionFailed(object connection, Exception fault) => _log.Error(fault, "{0} failed and was closed", connection);

    /// <summary>A client did what it may not; a channel or its connection is closed.</summary>
    public void Refused(object connection, ushort channel, AmqpException refusal) =>
        _log.Info("{0}, channel {1}: {2}", connection, channel, refusal.ReplyText);

    /// <summary>Somebody may not log in.</summary>
    public void LoginRefused(object connection, IPAddress? from, string user, string mechanism, string why)
    {
        if (MayWrite("logins", from))
        {
            _log.Warning("{0}: login of user '{1}' by {2} is refused: {3}", connection, user, mechanism, why);
        }
    }

    /// <summary>Somebody is not let in, for another reason than the password.</summary>
    public void ConnectionRefused(object connection, IPAddress? from, string why)
    {
        if (MayWrite("connections", from))
        {
            _log.Warning("{0} is refused: {1}", connection, why);
        }
    }

    /// <summary>A TLS handshake failed: there is no connection.</summary>
    /// <param name="peer">With whom.</param>
    /// <param name="why">Why.</param>
    /// <param name="isPeerGone">The peer closed its socket, as those do that only look whether somebody listens: no warning.</param>
    public void TlsFailed(IPEndPoint peer, string why, bool isPeerGone)
    {
        if (isPeerGone)
        {
            _log.Info("the TLS handshake with {0} failed: {1}", peer, why);
        }
        else if (MayWrite("TLS handshakes", peer.Address))
        {
            _log.Warning("the TLS handshake with {0} failed: {1}", peer, why);
        }
    }

    /// <summary>Asks for one line about a source; who is refused gets the time of the window's end arranged.</summary>
    private bool MayWrite(string kind, IPAddress? from)
    {
        bool first, may;
        lock (_lock)
        {
            first = _quota.IsEmpty;
            may = _quota.TryTake(kind, PeerSource.Of(from));
        }

        if (first)
        {
            EndWindowLater();
        }

        return may;
    }

    private void EndWindowLater()
    {
        try
        {
            system.Scheduler.Advanced.ScheduleOnce(Window, EndWindow);
        }
        catch (SchedulerException)
        {
            // the system ends
        }
    }

    private void EndWindow()
    {
        IReadOnlyList<(string Kind, string Source, int LeftOut)> sums;
        lock (_lock)
        {
            sums = _quota.EndWindow(SumsOfWindow);
        }

        foreach (var (kind, source, leftOut) in sums.Select(s => s.Source.Length > 0 ? s : ("logins and connections", "other addresses", s.LeftOut)))
        {
            _log.Warning("{0} more refused {1} from {2} in {3}", leftOut, kind, source, Window);
        }
    }
}
