using ActorBroker.Addresses;
using ActorBroker.Amqp;
using Akka.Actor;

namespace ActorBroker.Queues;

/// <content>
/// The queue fails and begins anew. Its consumers are cancelled, what they held is ready again; a durable queue has what its log holds,
/// another one is empty. What is told meanwhile waits.
/// </content>
internal sealed partial class QueueActor
{
    private List<object>? _early;

    /// <summary>The one strategy of those who have queues below them: a fault in one message must not cost a queue its state.</summary>
    internal static Directive OnFault(Exception fault) => fault is QueueFailedException ? Directive.Restart : Directive.Resume;

    /// <inheritdoc/>
    protected override void PreRestart(Exception reason, object message)
    {
        foreach (var consumer in _state.Consumers)
        {
            ((ConsumerLink)consumer.Link).Actor.Tell(QueueProtocol.QueueGone.Instance);
        }

        foreach (var get in _stored?.TakeGets() ?? [])
        {
            get.Refuse(new ConnectionException(ReplyCode.InternalError, reason.Message));
        }

        _stored?.End();
        RefuseWaiting(reason);
        base.PreRestart(reason, message);
    }

    /// <inheritdoc/>
    protected override void PostRestart(Exception reason)
    {
        if (_handle.HasEnded)
        {
            BecomeTombstone();
        }
        else if (_stored is null)
        {
            PreStart();
        }
        else
        {
            _early = [];
            Become(Reopening);
            Context.Parent.Tell(new GroupProtocol.Reopen(_stored.InGroup));
        }
    }

    /// <summary>Waits until the log has all that was handed to it.</summary>
    private bool Reopening(object message)
    {
        switch (message)
        {
            case StoredContents contents:
                _stored = new QueueLog(_handle, Context, _state, contents, _resident!);
                PreStart();
                Become(OnReceive);
                foreach (var early in _early!)
                {
                    OnReceive(early);
                }

                _early = null;
                break;
            case QueueProtocol.Removed: // with its virtual host: its log is gone, and nothing will be opened
                _handle.HasEnded = true;
                BecomeTombstone();
                foreach (var early in _early!)
                {
                    Tombstone(early);
                }

                _early = null;
                Tombstone(message);
                break;
            case GroupProtocol.Rest:
                Sender.Tell(new GroupProtocol.AtRest(_handle, MarkUpTo: null));
                break;
            case GroupProtocol.Marked or GroupProtocol.Loaded or QueueLog.GetsOverdue:
            case QueueTimers.ExpiryDue or QueueTimers.IdleDue or QueueTimers.HandoverDue or QueueTimers.Sweep:
                break; // of the life before
            case QueueProtocol.Fail:
                break; // it has
            default:
                _early!.Add(message);
                break;
        }

        return true;
    }
}
