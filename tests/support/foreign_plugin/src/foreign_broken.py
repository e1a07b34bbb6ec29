"""A plugin that cannot be imported."""

raise RuntimeError("the driver is missing")
