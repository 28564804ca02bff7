"""What every daemon of the mail system does: take clients from master, log, end in time."""
