"""Where, and since when? Units, successions, crosswalks."""
