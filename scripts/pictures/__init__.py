"""Draws the pictures of the documentation from descriptions in TOML."""
