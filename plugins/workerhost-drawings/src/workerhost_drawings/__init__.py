"""Compiles drawings to the code of workerhost projects."""
