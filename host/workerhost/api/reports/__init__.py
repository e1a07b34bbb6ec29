"""Routes for what projects did and used: statistics, and what a bill is made of."""
