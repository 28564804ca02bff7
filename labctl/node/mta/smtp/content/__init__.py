"""What a message looks like when it leaves."""
