// Every class has a server of its own and every spec restarts it: side by side they would measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
