"""The commands of IMAP4rev1 and of the extensions that UW-IMAP has, one file each."""
