"""Traces in OpenTelemetry's way, where its packages are installed and told where traces go."""
