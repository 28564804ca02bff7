"""spawn(8): a command for each client of a service, as inetd would run it."""
