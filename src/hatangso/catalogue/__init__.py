"""What do we call things? Elements, indicators, measures, criteria, traps, bodies: data and one loader."""
