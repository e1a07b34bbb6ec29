"""Drawings: what their compilers are told of a project, and the code that comes of them."""
