using System.Text;

namespace ActorBroker.Core.Journal;

/// <summary>
/// The places of one log, as numbers that go into the checksums of its events: an event that the store gives back in another's place, as
/// a damaged index of a database does, is found out though each of its bytes is right.
/// </summary>
/// <param name="log">Name of the log.</param>
internal sealed class LogPlaces(string log)
{
    private readonly long _log = (long)Crc32C.Of(Encoding.UTF8.GetBytes(log)) << 32;

    /// <summary>The place of an event.</summary>
    /// <param name="sequenceNr">Its number in the log.</param>
    public long this[long sequenceNr] => _log ^ sequenceNr;
}
