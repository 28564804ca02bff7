"""The super-server xinetd: its language, its limits, its log."""
