"""Checks of what users draw, whatever the format."""
