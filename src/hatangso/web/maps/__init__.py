"""Maps of units coloured by an indicator."""
