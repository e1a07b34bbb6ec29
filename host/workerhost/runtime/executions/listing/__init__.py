"""Finding executions: filtered, page by page, counted, and those that are stuck."""
