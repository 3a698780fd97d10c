"""Plans as records and pages."""
