namespace ActorBroker.Listener.Transport;

/// <summary>The socket of a peer whose bytes are not read just now, or no longer. A feature of a connection.</summary>
internal interface IPeerWatch
{
    /// <summary>
    /// What the operating system knows. It has not heard of an end that lies behind more bytes than it has room for: then the peer is
    /// <see cref="Peer.There"/>. Never throws.
    /// </summary>
    Peer Look();

    /// <summary>All has been said to it: its socket stays open only so that it can read that, and is the first to go when descriptors run short.</summary>
    void AllIsSaid();
}

/// <summary>What has become of a peer.</summary>
internal enum Peer
{
    /// <summary>The connection stands, as far as one can know.</summary>
    There,

    /// <summary>The peer has closed its side; what it sent before can still be read.</summary>
    Left,

    /// <summary>Nothing more can come from the peer.</summary>
    Lost,
}
