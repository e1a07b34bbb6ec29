"""Published code, read back: versions, builds, and what differs between two of them."""
