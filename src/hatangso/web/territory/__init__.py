"""Units over time on the pages: the switch of boundaries, a unit's life, the crosswalk, the handover list."""
