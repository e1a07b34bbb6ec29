"""The way to the network for project processes that have none: a proxy of the host, which decides what they reach."""
