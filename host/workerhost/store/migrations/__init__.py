"""How the tables came to be, one migration after the other."""
