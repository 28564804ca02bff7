"""The clients of the services that the programs of the mail system offer each other."""
