"""What Temporal's histories say of runs: their steps, their failures, their events."""
