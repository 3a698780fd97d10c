"""Commands that need the workspace's records: ``facts``, ``indicators``, ``criteria``."""
