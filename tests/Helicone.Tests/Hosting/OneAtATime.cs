// Environment variables belong to the process, and some promises are about them.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
