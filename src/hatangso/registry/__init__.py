"""What exists?  Asset rows and their checks, file formats, disclosure, sharing, duplicates, nearby works."""
