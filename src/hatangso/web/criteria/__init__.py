"""Criteria sets of the workspace, scores and assessments."""
