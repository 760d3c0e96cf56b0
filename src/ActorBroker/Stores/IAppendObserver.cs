using System.Data.Common;

namespace ActorBroker.Stores;

/// <summary>Sees what is appended to the journal past the statements of the library. On the thread of the database; what it throws, the write fails with.</summary>
internal interface IAppendObserver
{
    /// <summary>The first event of a log's write is about to be inserted.</summary>
    void Appending(DbCommand insert);

    /// <summary>That write is committed, and nobody has heard of it yet.</summary>
    void Appended();
}
