namespace ActorBroker.Addresses;

/// <summary>Where batches go that come too late for a queue that has ended. Any thread.</summary>
internal interface IDetour
{
    /// <summary>Sends all messages of a batch on; what remains is to answer it.</summary>
    void SendOn(EnqueueBatch batch);
}
