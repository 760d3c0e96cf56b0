namespace ActorBroker.Listener.Connections;

/// <summary>Looks at each frame of a client that is logged in, before it is handled. For tests.</summary>
internal interface IFrameGate
{
    /// <summary>False: the connection is cut, and the frame is not handled.</summary>
    /// <param name="connection">Whose.</param>
    /// <param name="type">A type of frame.</param>
    /// <param name="channel">0 for the connection itself.</param>
    bool Pass(AmqpConnection connection, byte type, ushort channel);
}
