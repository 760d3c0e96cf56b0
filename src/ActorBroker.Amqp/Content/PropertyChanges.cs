namespace ActorBroker.Amqp.Content;

/// <summary>
/// What <see cref="PropertyEditor.Apply"/> shall change. Start from <c>default</c>, set what is wanted; all else stays
/// as it is. Spans must live until the change is applied.
/// </summary>
public ref struct PropertyChanges
{
    /// <summary>All headers anew, without the 4-byte length; may be empty.</summary>
    public ReadOnlySpan<byte> Headers
    {
        readonly get;
        set
        {
            field = value;
            Set |= PropertyFlags.Headers;
        }
    }

    /// <summary>Fields to append to the headers, encoded; those of the same names are replaced.</summary>
    public ReadOnlySpan<byte> AddedHeaders { readonly get; set; }

    /// <summary>Name of one header to remove.</summary>
    public ReadOnlySpan<byte> RemovedHeader
    {
        readonly get;
        set
        {
            field = value;
            RemovesHeader = true;
        }
    }

    /// <summary>Time to live, milliseconds in decimal; at most 255 bytes.</summary>
    public ReadOnlySpan<byte> Expiration
    {
        readonly get;
        set
        {
            field = value;
            Set |= PropertyFlags.Expiration;
        }
    }

    /// <summary>Queue that a reply goes to; at most 255 bytes.</summary>
    public ReadOnlySpan<byte> ReplyTo
    {
        readonly get;
        set
        {
            field = value;
            Set |= PropertyFlags.ReplyTo;
        }
    }

    /// <summary>Any properties to drop; those set above win.</summary>
    public PropertyFlags Removed { readonly get; set; }

    /// <summary>Properties that get a new value.</summary>
    internal PropertyFlags Set { readonly get; private set; }

    /// <summary>Tells a header with an empty name from none.</summary>
    internal bool RemovesHeader { readonly get; private set; }
}
