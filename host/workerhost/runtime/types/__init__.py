"""What the builds of projects take and return, and whether what is sent to a run fits that."""
