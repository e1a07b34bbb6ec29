"""Watching runs: what happens in them, told to everyone who looks, at the price of one long poll for each run."""
