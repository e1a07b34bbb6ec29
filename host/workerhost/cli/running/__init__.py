"""The commands about projects and their runs: starting, watching, asking and ending them."""
