"""The mbx format of c-client: one file, a line of numbers before each message."""
