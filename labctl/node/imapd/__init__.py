"""The IMAP server, as UW's imapd 2007f."""
