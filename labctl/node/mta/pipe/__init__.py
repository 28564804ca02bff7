"""pipe(8): mail for commands that master.cf names, as a transport of their own."""
