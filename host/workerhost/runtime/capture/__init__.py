"""What code of projects says, and what its host says of the code: checked, without secrets, as lines of their logs."""
