"""`workerhost deploy`, `diff`, `rollback`, `promote` and `move`: the commands about a project's code."""
