"""The graph of a flow: its order, what dominates what, its loops, and where each step is to stand in the text."""
