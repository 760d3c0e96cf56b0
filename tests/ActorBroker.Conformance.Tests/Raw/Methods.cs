namespace ActorBroker.Conformance.Tests.Raw;

/// <summary>Class and method number of a method.</summary>
public readonly record struct MethodId(ushort Class, ushort Method);

/// <summary>The methods that the raw tests speak, with their numbers in the specification.</summary>
public static class Methods
{
    public static readonly MethodId ConnectionStart = new(10, 10);
    public static readonly MethodId ConnectionStartOk = new(10, 11);
    public static readonly MethodId ConnectionTune = new(10, 30);
    public static readonly MethodId ConnectionTuneOk = new(10, 31);
    public static readonly MethodId ConnectionOpen = new(10, 40);
    public static readonly MethodId ConnectionOpenOk = new(10, 41);
    public static readonly MethodId ConnectionClose = new(10, 50);
    public static readonly MethodId ConnectionCloseOk = new(10, 51);
    public static readonly MethodId ChannelOpen = new(20, 10);
    public static readonly MethodId ChannelOpenOk = new(20, 11);
    public static readonly MethodId ChannelFlow = new(20, 20);
    public static readonly MethodId ChannelFlowOk = new(20, 21);
    public static readonly MethodId ChannelClose = new(20, 40);
    public static readonly MethodId ChannelCloseOk = new(20, 41);
    public static readonly MethodId ExchangeDeclare = new(40, 10);
    public static readonly MethodId ExchangeDeclareOk = new(40, 11);
    public static readonly MethodId QueueDeclare = new(50, 10);
    public static readonly MethodId QueueDeclareOk = new(50, 11);
    public static readonly MethodId QueueBind = new(50, 20);
    public static readonly MethodId BasicQos = new(60, 10);
    public static readonly MethodId BasicQosOk = new(60, 11);
    public static readonly MethodId BasicConsume = new(60, 20);
    public static readonly MethodId BasicConsumeOk = new(60, 21);
    public static readonly MethodId BasicPublish = new(60, 40);
    public static readonly MethodId BasicDeliver = new(60, 60);
    public static readonly MethodId BasicGet = new(60, 70);
    public static readonly MethodId BasicGetOk = new(60, 71);
    public static readonly MethodId BasicGetEmpty = new(60, 72);
    public static readonly MethodId BasicAck = new(60, 80);
    public static readonly MethodId BasicRecoverAsync = new(60, 100);
    public static readonly MethodId BasicRecover = new(60, 110);
    public static readonly MethodId BasicRecoverOk = new(60, 111);
    public static readonly MethodId ConfirmSelect = new(85, 10);
    public static readonly MethodId ConfirmSelectOk = new(85, 11);
    public static readonly MethodId TxSelect = new(90, 10);
    public static readonly MethodId TxSelectOk = new(90, 11);
}
