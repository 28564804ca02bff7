"""scache(8): keeps open connections of the SMTP clients for a moment."""
