"""The smtpd_*_restrictions language: who may do what, one row for each documented word."""
