"""How do we say it? DOCX, XLSX, plain-language Vietnamese."""
