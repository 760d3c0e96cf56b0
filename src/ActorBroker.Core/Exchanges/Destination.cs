using System.Text;

namespace ActorBroker.Core.Exchanges;

/// <summary>Where a binding leads: a queue or another exchange. Compared by reference.</summary>
/// <remarks>
/// A queue that is deleted and declared again gets a new address, so an old one never receives its messages.
/// </remarks>
internal abstract class Destination
{
    private long _version;

    private protected Destination(string virtualHost, string name, bool isQueue)
    {
        VirtualHost = virtualHost;
        Name = name;
        NameBytes = Encoding.UTF8.GetBytes(name);
        IsQueue = isQueue;
    }

    /// <summary>The virtual host it lives in.</summary>
    public string VirtualHost { get; }

    /// <summary>The name, up to 255 bytes of UTF-8.</summary>
    public string Name { get; }

    /// <summary>The name as it travels on the wire. Must not be changed.</summary>
    public byte[] NameBytes { get; }

    /// <summary>
    /// Grows with every binding that is added to it or taken away, once that can be seen; negative from the moment its name is off the tables.
    /// Read as a volatile. What was learnt of it under one number holds as long as the number stays, and is worth nothing under a negative one.
    /// </summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>The name leads here no more, and never will again.</summary>
    public bool HasLeft => Version < 0;

    /// <summary>The name is off the tables of its virtual host.</summary>
    public void Leave() => Interlocked.Exchange(ref _version, long.MinValue); // bindings that go later leave it negative

    // Asked once per destination and message: a field is cheaper than a type test up a hierarchy.
    internal bool IsQueue { get; }

    private protected void Changed() => Interlocked.Increment(ref _version);
}
