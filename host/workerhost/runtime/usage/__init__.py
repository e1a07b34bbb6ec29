"""What projects use, counted for a bill, and written by day."""
