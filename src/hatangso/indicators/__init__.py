"""What is achieved? Facts, standing, gaps, criteria scores."""
