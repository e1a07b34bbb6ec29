"""A project's code: builds of it, importing them from memory, checking them before they run."""
