"""What an operator watches: its description, and the dashboard, alert rules and pages that are made of it."""
