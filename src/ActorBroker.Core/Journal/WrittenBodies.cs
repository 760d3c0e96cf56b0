using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ActorBroker.Core.Messages;

namespace ActorBroker.Core.Journal;

/// <summary>Which shared messages an event holds already, and where. Queues get a fan-out in the same order: the next one is guessed first.</summary>
internal sealed class WrittenBodies
{
    private readonly Dictionary<Source, int> _bySource = [];
    private readonly List<Body> _bodies = [];
    private int _guess;

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _bySource.Clear();
        _bodies.Clear();
        _guess = 0;
    }

    /// <summary>The message's bytes go to <paramref name="start"/> of the event, their lengths stand at <paramref name="place"/>.</summary>
    public void Add(in Message message, int place, int start)
    {
        var source = new Source(message.Buffer!, message.Offset);
        _bySource[source] = _bodies.Count;
        _bodies.Add(new Body(source, place, start, message.NamesLength, message.HeaderLength, message.BodyLength));
    }

    /// <summary>Where the same message is stored already.</summary>
    /// <returns>The place of its lengths; 0 when it is not there.</returns>
    public int Find(in Message message, ReadOnlySpan<byte> written)
    {
        var source = new Source(message.Buffer!, message.Offset);
        var index = _guess;
        if (index >= _bodies.Count || !_bodies[index].Source.Equals(source))
        {
            if (!_bySource.TryGetValue(source, out index))
            {
                return 0;
            }
        }

        // a pooled buffer may hold another message by now: the bytes decide, not where they came from
        ref readonly var body = ref CollectionsMarshal.AsSpan(_bodies)[index];
        if (body.Names != message.NamesLength || body.Header != message.HeaderLength || body.Length != message.BodyLength
            || !written.Slice(body.Start, message.Length).SequenceEqual(message.Buffer.AsSpan(message.Offset, message.Length)))
        {
            return 0;
        }

        _guess = index + 1;
        return body.Place;
    }

    private readonly record struct Body(Source Source, int Place, int Start, int Names, int Header, int Length);

    private readonly struct Source(byte[] buffer, int offset) : IEquatable<Source>
    {
        private readonly byte[] _buffer = buffer;
        private readonly int _offset = offset;

        public bool Equals(Source other) => ReferenceEquals(_buffer, other._buffer) && _offset == other._offset;

        public override bool Equals(object? obj) => obj is Source other && Equals(other);

        public override int GetHashCode() => HashCode.Combine(RuntimeHelpers.GetHashCode(_buffer), _offset);
    }
}
