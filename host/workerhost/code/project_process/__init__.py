"""The project process: what runs in it, and how it and its host talk."""
