"""`workerhost dev`, `serve`, `host`, `check` and `db`: the commands that run a service, or look after one."""
