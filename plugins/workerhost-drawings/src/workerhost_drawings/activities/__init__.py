"""Activities that drawn workflows call."""

HTTP_ACTIVITY = "httpCall"
OPENAPI_ACTIVITY = "openapiCall"
LONGEST_CALL = 120
"""Seconds that one of them may take."""
