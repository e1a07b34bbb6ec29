"""Running projects: the host, its project workers, their builds, and the way to Temporal."""
