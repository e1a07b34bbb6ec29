"""One process among others: which projects it runs, and commands on projects, whichever host runs them."""
