"""jq expressions, checked and compiled to Python."""
