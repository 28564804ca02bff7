"""mail(1): Berkeley mailx, to send from a script and to read a mailbox on a terminal."""
