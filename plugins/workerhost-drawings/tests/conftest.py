pytest_plugins = ["workerhost.testing"]
