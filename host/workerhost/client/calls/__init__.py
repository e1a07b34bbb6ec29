"""Each call of the control API, described once: its method, path, body and answer."""
