namespace ActorBroker.Addresses;

/// <summary>
/// What a group keeps of one of its queues. The queue gets it when it starts and puts it into all it says, so that the group looks nothing up;
/// only the group looks inside.
/// </summary>
internal abstract class GroupMember(QueueHandle handle)
{
    /// <summary>The queue.</summary>
    public QueueHandle Handle { get; } = handle;
}
