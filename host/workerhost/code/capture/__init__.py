"""What code of projects logs and prints, caught where it runs, with where it comes from."""
