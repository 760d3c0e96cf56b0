using System.Net.Sockets;
using System.Runtime.CompilerServices;
using ActorBroker.Durability.Tests.Running;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace ActorBroker.Durability.Tests.Crash;

/// <summary>A client that connects again whenever the server has died, until it is told to stop.</summary>
internal abstract class CrashClient(string name, int port, Lives lives, History history)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private volatile int _servedIn;
    private volatile int _served;
    private Socket? _socket;
    private StrongBox<bool> _cut = new();

    /// <summary>What it does now, for the message of a run that stands still.</summary>
    public string Doing { get; protected set; } = "nothing yet";

    /// <summary>The last life in which the server did what this client exists for.</summary>
    public int ServedIn
    {
        get => _servedIn;
        protected set
        {
            _servedIn = value;
            _served++;
        }
    }

    /// <summary>How often it said so.</summary>
    public int Served => _served;

    /// <summary>How often it has cut its connection.</summary>
    public int Cuts { get; private set; }

    public string Name { get; } = name;

    protected History History { get; } = history;

    /// <summary>Runs until stopped; fails only with a defect of the test itself.</summary>
    public async Task Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                Doing = "waits for a server process";
                var life = await lives.Any(stop);
                Doing = $"connects in life {life}";
                var cut = _cut = new StrongBox<bool>();
                await using var connection = await Factory().CreateConnectionAsync(Name, stop);
                if (lives.Current != life)
                {
                    continue;
                }

                connection.ConnectionShutdownAsync += (_, e) => Lost(life, cut, "connection", e);
                await using var channel = await Open(connection, stop);
                channel.ChannelShutdownAsync += (_, e) => Lost(life, cut, "channel", e);
                await Serve(channel, life, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is BrokerUnreachableException or OperationInterruptedException or IOException
                or ObjectDisposedException or OperationCanceledException or TimeoutException)
            {
                // It died while we talked to it. Whether it was alive is judged by the shutdown events.
                await Task.Delay(Pause, CancellationToken.None);
            }
        }

        Doing = "has stopped";
    }

    protected virtual async Task<IChannel> Open(IConnection connection, CancellationToken stop) =>
        await connection.CreateChannelAsync(cancellationToken: stop);

    /// <summary>Works on the channel until it closes, or until the client is to stop and has nothing open.</summary>
    protected abstract Task Serve(IChannel channel, int life, CancellationToken stop);

    /// <summary>Still so? Otherwise the server is about to die, or to close the connection.</summary>
    protected bool IsIn(int life) => lives.Current == life;

    /// <summary>Ends its connection without a word (RST): what was on its way, in both directions, is lost.</summary>
    protected void Cut()
    {
        _cut.Value = true;
        Cuts++;
        _socket?.Close(0);
    }

    private ConnectionFactory Factory()
    {
        var factory = DurableBroker.Factory(port);
        if (!DurableBroker.IsReference)
        {
            (factory.UserName, factory.Password) = (CrashRun.User, CrashRun.User);
        }

        factory.SocketFactory = family => new TcpClientAdapter(_socket = new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        return factory;
    }

    private Task Lost(int life, StrongBox<bool> cut, string what, ShutdownEventArgs e)
    {
        if (!cut.Value && e.Initiator != ShutdownInitiator.Application && lives.Current == life)
        {
            History.Surprise($"{Name}: its {what} was closed in life {life}, with the server alive: {e.ReplyCode} {e.ReplyText}");
        }

        return Task.CompletedTask;
    }
}
