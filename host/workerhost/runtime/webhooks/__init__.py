"""Webhooks: addresses of a project that others call, to start, signal and update executions."""
