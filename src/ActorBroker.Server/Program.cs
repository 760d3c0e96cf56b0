using System.CommandLine;
using ActorBroker.Server;

// the broker drains on SIGTERM in its own time; by default the command line would cut it off after two seconds, with exit code 143
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null };
return await CommandLine.Parse(args).InvokeAsync(invocation).ConfigureAwait(false);
