"""Triggers of drawn workflows: schedules and webhooks that are set up when a drawing is published, and go with it."""
