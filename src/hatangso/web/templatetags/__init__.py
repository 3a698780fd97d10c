"""Template language of the pages."""
