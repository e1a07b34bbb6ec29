"""Which builds the runs of a project take: publishing, promoting, rolling back, moving runs."""
