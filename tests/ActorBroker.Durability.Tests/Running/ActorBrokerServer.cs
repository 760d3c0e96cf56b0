using ActorBroker.Tests.Shared;

namespace ActorBroker.Durability.Tests.Running;

/// <summary>The server program of this repository.</summary>
public sealed class ActorBrokerServer : IServer
{
    private readonly string _data;
    private readonly string[] _arguments;
    private BrokerProcess? _process;

    private ActorBrokerServer(string data, params string[] arguments) => (_data, _arguments) = (data, ["--data", data, .. arguments]);

    public int Port => _process?.Port ?? throw new InvalidOperationException("It was never started.");

    public bool IsRunning => _process?.IsRunning == true;

    public long ResidentBytes => ProcessMemory.ResidentBytes(ProcessId);

    /// <summary>The running process.</summary>
    public int ProcessId => _process!.ProcessId;

    public string Output => _process?.Output ?? "";

    /// <summary>With the default store, in a data directory of its own.</summary>
    public static ActorBrokerServer OnSqlite() => new("data"); // below the folder that the process works in

    /// <summary>With settings from a file.</summary>
    /// <param name="settingsFile">Path of the file.</param>
    /// <param name="data">The data directory; one of its own when null.</param>
    public static ActorBrokerServer With(string settingsFile, string? data = null) => new(data ?? "data", "--config", settingsFile);

    public async Task Start()
    {
        if (_process is null)
        {
            _process = await BrokerProcess.StartAsync(_arguments);
            return;
        }

        await _process.Relaunch();
    }

    public async Task End(Ending how)
    {
        if (how == Ending.Kill)
        {
            await _process!.KillAsync();
            return;
        }

        var code = await _process!.EndAsync();
        Assert.True(code == 0, $"after SIGTERM the server ended with code {code}. It wrote:\n{Output}");
    }

    /// <summary>A command of an operator, for this server.</summary>
    public Task Command(params string[] arguments) => _process!.Command([.. arguments, "--data", _data]);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }
}
