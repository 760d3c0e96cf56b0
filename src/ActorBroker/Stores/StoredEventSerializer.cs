using Akka.Actor;
using Akka.Serialization;

namespace ActorBroker.Stores;

/// <summary>Hands the bytes of a <see cref="StoredEvent"/> to the store and back, without a copy. Bound together with the store.</summary>
internal sealed class StoredEventSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>In every row: never changed.</summary>
    public const int Id = 16706;

    /// <inheritdoc/>
    public override int Identifier => Id;

    /// <inheritdoc/>
    public override string Manifest(object o) => ((StoredEvent)o).Manifest;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj) => ((StoredEvent)obj).Bytes;

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => new StoredEvent(manifest, bytes);
}
