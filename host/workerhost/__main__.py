"""`python -m workerhost` is the command line."""

from workerhost.cli import main

main()
