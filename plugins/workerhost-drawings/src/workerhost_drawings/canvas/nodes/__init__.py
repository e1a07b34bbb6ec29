"""What each type of node becomes."""
