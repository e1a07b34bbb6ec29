"""The control API: the Flask application in front of a host."""
