"""Variables that are kept for projects, as the API shows and changes them."""
