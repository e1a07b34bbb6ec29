"""The plugins that come with workerhost: its code loaders."""
