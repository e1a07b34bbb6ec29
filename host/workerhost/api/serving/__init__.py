"""HTTP in front of the application: connections are read by an event loop, and threads get whole requests alone."""
