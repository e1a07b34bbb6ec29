"""Makes Python modules of the intermediate form."""
