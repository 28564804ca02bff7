"""The POP3 server, as UW's ipop3d 2007f."""
