"""Reading plans on the pages: upload, review by a person, import, with a trail of who decided what."""
