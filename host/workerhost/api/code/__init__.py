"""Routes for a project's code: what is published, what it takes, and which builds runs take."""
