namespace ActorBroker.Stores;

/// <summary>An observer of a store that wants to know when nothing is under way. Any thread.</summary>
internal interface IStoreWatcher
{
    /// <summary>The store was asked for something.</summary>
    void Asked();

    /// <summary>It has answered or failed, and the one who asked is about to hear of it.</summary>
    void Answered();
}
