namespace ActorBroker;

/// <summary>A client's connection as the broker knows it. Any thread; must not throw.</summary>
internal interface IBrokerConnection
{
    /// <summary>Who has logged in.</summary>
    string UserName { get; }

    /// <summary>The virtual host it is in.</summary>
    string VirtualHostName { get; }

    /// <summary>Memory is short, or no longer: a publisher is told to wait, or to go on.</summary>
    void AlarmChanged();

    /// <summary>The operator's wish, or the broker shuts down: the client is told why, with 320 CONNECTION_FORCED.</summary>
    void CloseForced(string reason);
}
