"""Who may do what? Django: records, permissions, pages."""
