"""Where, and since when? Units, successions, crosswalks, boundaries, locating a point."""
