"""Where a message ends up: mailboxes, files, commands, other transports, new messages."""
