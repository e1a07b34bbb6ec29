"""The logs of projects: taken in, bounded, written in batches, and read."""
