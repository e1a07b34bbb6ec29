"""The asynchronous client. `scripts/generate_client.py` makes the blocking one of it."""
