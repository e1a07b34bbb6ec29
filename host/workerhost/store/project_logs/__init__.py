"""The logs of projects: written in batches, read by what they are about, and trimmed."""
