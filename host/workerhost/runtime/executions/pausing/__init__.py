"""Pausing single runs, where Temporal's server does that."""
