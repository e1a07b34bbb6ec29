"""The nodes of the drawing that a run came to, and what became of each."""
