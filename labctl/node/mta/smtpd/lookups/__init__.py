"""Whom smtpd asks: name servers, policy servers, lists of hosts."""
