"""Builds at work: made, loaded, and given to the runs that are pinned to them."""
