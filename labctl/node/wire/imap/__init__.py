"""The grammar of IMAP (RFC 3501) and what its commands say of messages."""
