"""What is predicted? Cells, terrain and people to signal, covered population and villages."""
