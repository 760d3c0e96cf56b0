using System.Text;

namespace ActorBroker.Core.Exchanges;

/// <summary>Where a binding leads: a queue or another exchange. Compared by reference.</summary>
/// <remarks>
/// A queue that is deleted and declared again gets a new address, so an old one never receives its messages.
/// </remarks>
internal abstract class Destination
{
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

    // Asked once per destination and message: a field is cheaper than a type test up a hierarchy.
    internal bool IsQueue { get; }
}
