"""The front end of Open Workflow documents."""
