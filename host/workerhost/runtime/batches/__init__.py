"""What is done with many executions in the background: with those of a filter, or many starts."""
