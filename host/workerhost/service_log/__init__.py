"""The service's own log: its form, what stands in no line, and failures that repeat."""
