"""`workerhost deploy`, `rollback`, `promote` and `move`: the commands about a project's code."""
