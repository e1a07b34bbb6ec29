"""Documents that are read from text, and the places of what is wrong in them."""
