namespace ActorBroker;

/// <summary>A queue at one moment, as queue.declare-ok (50, 11) tells it.</summary>
/// <param name="Name">Its name, also when the broker chose it.</param>
/// <param name="Ready">Messages that wait.</param>
/// <param name="Unacked">Messages that are with consumers and not settled.</param>
/// <param name="Consumers">Consumers it has.</param>
public sealed record QueueInfo(string Name, int Ready, int Unacked, int Consumers);
