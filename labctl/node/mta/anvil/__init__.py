"""anvil(8): counts what each client does, for the limits of smtpd."""
