"""Those who want to know what happens in a host, and whom it is told."""
