"""Fields that users fill in, whatever the format: texts, choices, numbers, times and expressions."""
