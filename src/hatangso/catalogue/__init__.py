"""What do we call things? Elements, indicators, units of measure, criteria, traps, bodies: data plus one loader."""
