"""flush(8): remembers by site what is deferred, so that a site can ask for its mail."""
