"""Operating system services for every node program; nothing here knows about mail."""
