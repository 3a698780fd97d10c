"""The infrastructure registry: records with two times, disclosure in every query, import and export, map, API."""
