"""JavaScript expressions, compiled to Python."""
