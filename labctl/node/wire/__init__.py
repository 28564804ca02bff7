"""Grammars without I/O: SMTP lines, addresses, headers, MIME, IMAP, POP3."""
