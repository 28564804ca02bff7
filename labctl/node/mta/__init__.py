"""The mail transfer agent: one folder per Postfix program."""
