"""What every program needs and no mail program owns: sockets, locks, clock, log."""
