using System.Data.Common;
using System.Runtime.CompilerServices;
using ActorBroker.Stores;
using LinqToDB.Interceptors;

namespace ActorBroker.Tests.Stores;

/// <summary>A database that fails at the chosen moments. Counts transactions that write to the journal.</summary>
internal sealed class Faults : CommandInterceptor, IAppendObserver
{
    private readonly ConditionalWeakTable<object, object> _writing = []; // connections that inserted into the journal
    private Func<DbCommand, bool> _before = _ => false;
    private Func<bool> _afterCommit = () => false;

    /// <summary>What a store is opened with.</summary>
    public IInterceptor[] Observers => [this, new Ends(this)];

    /// <summary>Failures so far.</summary>
    public int Thrown { get; private set; }

    /// <summary>Journal inserts that were seen.</summary>
    public int Inserts { get; private set; }

    /// <summary>The next <paramref name="times"/> commands whose text has that word fail before they reach the database.</summary>
    public void FailCommands(string word, int times) => _before = command => command.CommandText.Contains(word, StringComparison.OrdinalIgnoreCase) && times-- > 0;

    /// <summary>The next <paramref name="times"/> commands about that log fail before they reach the database.</summary>
    public void FailLog(string log, int times) =>
        _before = command => command.Parameters.Cast<DbParameter>().Any(p => log.Equals(p.Value)) && times-- > 0;

    /// <summary>The next <paramref name="times"/> writes to the journal are committed, and the answer is lost.</summary>
    public void LoseAnswers(int times) => _afterCommit = () => times-- > 0;

    public override DbCommand CommandInitialized(CommandEventData eventData, DbCommand command)
    {
        if (command.CommandText.Contains("INSERT INTO", StringComparison.OrdinalIgnoreCase) && command.CommandText.Contains("journal", StringComparison.Ordinal))
        {
            Inserts++;
            _writing.AddOrUpdate(eventData.DataConnection!, this);
        }

        Before(command);
        return command;
    }

    public void Appending(DbCommand insert)
    {
        Inserts++;
        Before(insert);
    }

    public void Appended()
    {
        if (_afterCommit())
        {
            Thrown++;
            throw new InjectedException("after the commit");
        }
    }

    private void Before(DbCommand command)
    {
        if (_before(command))
        {
            Thrown++;
            throw new InjectedException("before the command");
        }
    }

    /// <summary>The fault that was asked for.</summary>
    public sealed class InjectedException(string where) : Exception($"injected {where}");

    /// <summary>Hears of the end of a connection, which comes after the commit and before the answer.</summary>
    private sealed class Ends(Faults faults) : DataContextInterceptor
    {
        public override Task OnClosedAsync(DataContextEventData eventData)
        {
            if (faults._writing.Remove(eventData.Context) && faults._afterCommit())
            {
                faults.Thrown++;
                throw new InjectedException("after the commit");
            }

            return Task.CompletedTask;
        }
    }
}
