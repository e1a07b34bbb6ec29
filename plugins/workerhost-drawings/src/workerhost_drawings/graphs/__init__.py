"""Graphs of nodes and edges become flows: loops, branches, and what runs at once."""
