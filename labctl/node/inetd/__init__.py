"""The super-servers inetd and xinetd."""
