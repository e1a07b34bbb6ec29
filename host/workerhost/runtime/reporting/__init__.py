"""What the figures of projects say: sums, percentiles, and what deserves a look."""
