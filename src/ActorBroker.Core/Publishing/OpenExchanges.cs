using ActorBroker.Amqp;
using ActorBroker.Core.Exchanges;
using ActorBroker.Core.Security;

namespace ActorBroker.Core.Publishing;

/// <summary>
/// The exchanges that one publisher used last. Each was found by its name, and the publisher's rights on it were asked, once: again when it was
/// deleted or rights have changed. Names are compared as bytes.
/// </summary>
/// <remarks>At most <see cref="Capacity"/> of them; the next one takes the place of the oldest. Not for several threads at once.</remarks>
internal sealed class OpenExchanges
{
    /// <summary>How many are remembered.</summary>
    public const int Capacity = 16;

    private readonly List<OpenExchange> _open = [];
    private OpenExchange? _last;
    private int _oldest;

    /// <summary>Full checks so far: what was not answered from memory.</summary>
    internal long Checks { get; private set; }

    /// <summary>The exchange that <see cref="Open"/> returned last, while its check still counts; else null.</summary>
    /// <param name="access">The publisher's rights; null for the process itself.</param>
    /// <param name="directory">Its virtual host.</param>
    public OpenExchange? LastFor(AccessControl? access, IExchangeDirectory directory) =>
        _last is { } last && last.IsOpenTo(access, directory) ? last : null;

    /// <summary>Lets a publish in.</summary>
    /// <param name="name">Where it goes.</param>
    /// <param name="access">The publisher's rights; null for the process itself.</param>
    /// <param name="directory">Its virtual host.</param>
    /// <exception cref="ChannelException">403: no right to write, or the exchange is internal; 404: there is none.</exception>
    public OpenExchange Open(ReadOnlySpan<byte> name, AccessControl? access, IExchangeDirectory directory)
    {
        if (_last is { } last && name.SequenceEqual(last.Exchange.NameBytes) && last.IsOpenTo(access, directory))
        {
            return last;
        }

        for (var i = 0; i < _open.Count; i++)
        {
            if (name.SequenceEqual(_open[i].Exchange.NameBytes))
            {
                return _last = _open[i].IsOpenTo(access, directory) ? _open[i] : _open[i] = Check(name, access, directory);
            }
        }

        var found = Check(name, access, directory);
        _open.RemoveAll(static o => o.Exchange.HasLeft); // a new one is the time to let go
        if (_open.Count < Capacity)
        {
            _open.Add(found);
        }
        else
        {
            _oldest = (_oldest + 1) % Capacity;
            _open[_oldest] = found;
        }

        return _last = found;
    }

    /// <summary>The exchange of a message that was let in; null when it was deleted since and nothing that takes publishes has its name.</summary>
    public ExchangeAddress? Find(ReadOnlySpan<byte> name, IExchangeDirectory directory)
    {
        if (_last is { Exchange: { HasLeft: false } exchange } && _last.WasFoundIn(directory) && name.SequenceEqual(exchange.NameBytes))
        {
            return exchange;
        }

        return directory.FindExchange(name) is { Internal: false } found ? found : null;
    }

    private OpenExchange Check(ReadOnlySpan<byte> name, AccessControl? access, IExchangeDirectory directory)
    {
        Checks++;
        var rights = directory.RightsVersion; // before they are asked: a change meanwhile must make the answer stale
        var text = PublishChecks.CheckName(name);
        access?.CheckPublish(text);
        return new OpenExchange(PublishChecks.CheckExchange(directory.FindExchange(name), text, directory), directory, access, rights);
    }
}
