"""The plugin `workerhost-samples`: seven general activities and two workflows that try them."""
