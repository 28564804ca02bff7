"""The commands of SMTP, a module each; ``table`` lists them, ``obey`` runs one."""
