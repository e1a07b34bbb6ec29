"""Counts and durations of activities and runs, and what a product bills by: collected, written, read, rolled up."""
