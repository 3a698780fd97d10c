"""What was promised? From a plan document to figures, tasks, duties and legal bases."""
