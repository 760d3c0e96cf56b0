using ActorBroker.Amqp.Types;

namespace ActorBroker.Amqp.Methods;

/// <summary>
/// <c>tx.select</c> (90, 10), client to broker: publishes and acks wait for commit from now on. Answered by select-ok,
/// or 406 on a confirming channel.
/// </summary>
public readonly record struct TxSelect : IAmqpMethod<TxSelect>
{
    /// <summary>Class 90, method 10.</summary>
    public const uint Id = (90u << 16) | 10;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static TxSelect Read(ref AmqpReader reader) => default;

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
    }
}

/// <summary><c>tx.select-ok</c> (90, 11), broker to client: the channel is transactional.</summary>
public readonly record struct TxSelectOk : IAmqpMethod<TxSelectOk>
{
    /// <summary>Class 90, method 11.</summary>
    public const uint Id = (90u << 16) | 11;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static TxSelectOk Read(ref AmqpReader reader) => default;

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
    }
}

/// <summary>
/// <c>tx.commit</c> (90, 20), client to broker: makes all since the last commit happen. Answered by commit-ok, or 406
/// without tx.select.
/// </summary>
public readonly record struct TxCommit : IAmqpMethod<TxCommit>
{
    /// <summary>Class 90, method 20.</summary>
    public const uint Id = (90u << 16) | 20;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static TxCommit Read(ref AmqpReader reader) => default;

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
    }
}

/// <summary><c>tx.commit-ok</c> (90, 21), broker to client: it happened.</summary>
public readonly record struct TxCommitOk : IAmqpMethod<TxCommitOk>
{
    /// <summary>Class 90, method 21.</summary>
    public const uint Id = (90u << 16) | 21;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static TxCommitOk Read(ref AmqpReader reader) => default;

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
    }
}

/// <summary>
/// <c>tx.rollback</c> (90, 30), client to broker: forgets all since the last commit. Answered by rollback-ok, or 406
/// without tx.select.
/// </summary>
public readonly record struct TxRollback : IAmqpMethod<TxRollback>
{
    /// <summary>Class 90, method 30.</summary>
    public const uint Id = (90u << 16) | 30;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static TxRollback Read(ref AmqpReader reader) => default;

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
    }
}

/// <summary>
/// <c>tx.rollback-ok</c> (90, 31), broker to client: it is forgotten; unacknowledged deliveries stay so.
/// </summary>
public readonly record struct TxRollbackOk : IAmqpMethod<TxRollbackOk>
{
    /// <summary>Class 90, method 31.</summary>
    public const uint Id = (90u << 16) | 31;

    static uint IAmqpMethod.MethodId => Id;

    /// <inheritdoc/>
    public static TxRollbackOk Read(ref AmqpReader reader) => default;

    /// <inheritdoc/>
    public void Write(AmqpWriter writer)
    {
    }
}
