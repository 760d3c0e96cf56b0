using ActorBroker.Core.Diagnostics;
using Akka.Event;

namespace ActorBroker.Diagnostics;

/// <summary>
/// A log in which every value of a line is made <see cref="Printable"/>: whatever a client calls itself, its queue or its virtual host,
/// it cannot forge a line. All loggers of the broker are made by <see cref="OneLineLogs.OneLine"/>.
/// </summary>
internal sealed class OneLineLog(ILoggingAdapter log) : ILoggingAdapter
{
    /// <inheritdoc/>
    public ILogMessageFormatter Formatter => log.Formatter;

    /// <inheritdoc/>
    public bool IsDebugEnabled => log.IsDebugEnabled;

    /// <inheritdoc/>
    public bool IsInfoEnabled => log.IsInfoEnabled;

    /// <inheritdoc/>
    public bool IsWarningEnabled => log.IsWarningEnabled;

    /// <inheritdoc/>
    public bool IsErrorEnabled => log.IsErrorEnabled;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => log.IsEnabled(logLevel);

    /// <inheritdoc/>
    public void Log(LogLevel logLevel, Exception? cause, LogMessage message) => log.Log(
        logLevel, cause, new Line(log.Formatter, message.Format, [.. message.Parameters().Select(ValueOf)]));

    /// <inheritdoc/>
    public void Log(LogLevel logLevel, Exception? cause, string format) => log.Log(logLevel, cause, Printable.Of(format));

    private static object ValueOf(object? value) => value as ValueType ?? (object)Printable.Of(value?.ToString() ?? "null");

    private sealed class Line(ILogMessageFormatter formatter, string format, object[] values) : LogMessage(formatter, format)
    {
        public override IEnumerable<object> Parameters() => values;

        public override string Unformatted() => $"{Format}: {string.Join(", ", values)}";

        public override string ToString() => Formatter.Format(Format, values);
    }
}

/// <summary>How the broker gets its loggers.</summary>
internal static class OneLineLogs
{
    /// <summary>The same log for lines with names of clients and operators in them.</summary>
    public static ILoggingAdapter OneLine(this ILoggingAdapter log) => new OneLineLog(log);
}
