using System.Globalization;
using System.Net;
using ActorBroker.Tests.Shared;

namespace ActorBroker.Attack.Tests;

/// <summary>
/// The server under attack: a heap of 384 MiB and 400 file descriptors. One for all attacks, so that whatever one of them leaves behind is
/// felt by the next.
/// </summary>
public sealed class Victim : IAsyncLifetime
{
    /// <summary>Resident memory that is sane when an attack is over: the heap may be full of buffers kept for reuse, and no more.</summary>
    public const long SaneBytes = 480 << 20;

    private const int HeapBytes = 384 << 20;
    private readonly int _descriptors;
    private readonly string[] _arguments = [];
    private BrokerProcess _process = null!;

    public Victim() => _descriptors = 400;

    private Victim(int descriptors, string[] arguments) => (_descriptors, _arguments) = (descriptors, arguments);

    /// <summary>One with as little memory, other file descriptors, and further arguments.</summary>
    public static async Task<Victim> StartAsync(int descriptors, params string[] arguments)
    {
        var victim = new Victim(descriptors, arguments);
        await victim.InitializeAsync();
        return victim;
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Endpoint => new(IPAddress.Loopback, _process.Port);

    /// <summary>False once it has fallen.</summary>
    public bool IsAlive => _process.IsRunning;

    /// <summary>Resident memory of the process.</summary>
    public long ResidentBytes => Status("VmRSS:") * 1024;

    /// <summary>What it has written.</summary>
    public string Output => _process.Output;

    public async Task InitializeAsync() => _process = await BrokerProcess.StartAsync(new ProcessLimits(HeapBytes, _descriptors), _arguments);

    public Task DisposeAsync() => _process.DisposeAsync();

    private long Status(string key)
    {
        var line = File.ReadLines($"/proc/{_process.ProcessId}/status").First(l => l.StartsWith(key, StringComparison.Ordinal));
        return long.Parse(line[key.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }
}

/// <summary>One attack at a time, all on the same server.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class VictimCollection : ICollectionFixture<Victim>
{
    public const string Name = "the server under attack";
}
