"""Executions of a project's workflows: starting, looking, listing, replaying."""
