"""The commands about what projects did and used."""
