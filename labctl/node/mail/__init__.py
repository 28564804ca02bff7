"""The mail command, as BSD mailx."""
