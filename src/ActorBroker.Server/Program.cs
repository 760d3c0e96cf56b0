using ActorBroker.Server;

return await CommandLine.Parse(args).InvokeAsync().ConfigureAwait(false);
