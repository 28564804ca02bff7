"""local(8): aliases, .forward files, commands, files and mailboxes of users with accounts."""
