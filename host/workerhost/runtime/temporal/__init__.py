"""The way to the Temporal server, and the one that is embedded."""
