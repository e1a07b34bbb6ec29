"""Calls of the API, described once: what their types say is read, refused and shown in the OpenAPI document."""
