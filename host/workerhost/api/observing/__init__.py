"""Routes about what is seen of projects while they run."""
