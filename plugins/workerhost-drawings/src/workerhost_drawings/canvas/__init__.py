"""The front end of canvas graphs."""
