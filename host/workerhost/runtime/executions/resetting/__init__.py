"""Resets of runs: where in its history a run is taken back to, and how Temporal is asked for it."""
