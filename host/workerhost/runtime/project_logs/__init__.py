"""The logs of projects: taken in, bounded, written in batches, read and followed."""
