"""Pages of what is achieved: leadership, heat table, profile of an indicator, comparison, saved views."""
