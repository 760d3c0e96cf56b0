namespace ActorBroker.Core.Exchanges;

/// <summary>How an exchange chooses among its bindings.</summary>
internal enum ExchangeType
{
    /// <summary>direct: binding key equals routing key, byte by byte.</summary>
    Direct,

    /// <summary>fanout: every binding.</summary>
    Fanout,

    /// <summary>topic: words between dots; <c>*</c> is one word, <c>#</c> any number of them.</summary>
    Topic,

    /// <summary>headers: the headers of the message against the arguments of the binding.</summary>
    Headers,
}

/// <summary>Names of exchange types as exchange.declare (40, 10) carries them.</summary>
internal static class ExchangeTypes
{
    extension(ExchangeType type)
    {
        /// <summary>The name on the wire.</summary>
        public string WireName => type switch
        {
            ExchangeType.Direct => "direct",
            ExchangeType.Fanout => "fanout",
            ExchangeType.Topic => "topic",
            _ => "headers",
        };
    }

    /// <summary>Finds the type of that name.</summary>
    public static bool TryParse(string name, out ExchangeType type)
    {
        ExchangeType? found = name switch
        {
            "direct" => ExchangeType.Direct,
            "fanout" => ExchangeType.Fanout,
            "topic" => ExchangeType.Topic,
            "headers" => ExchangeType.Headers,
            _ => null,
        };
        type = found.GetValueOrDefault();
        return found is not null;
    }
}
