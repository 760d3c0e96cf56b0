[assembly: CollectionBehavior(DisableTestParallelization = true)] // some bounds are in real time
