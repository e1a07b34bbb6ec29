"""Figures of a host, and of all behind its port, as Prometheus reads them."""
