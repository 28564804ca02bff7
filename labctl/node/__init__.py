"""What runs inside a machine; nothing here imports the rest of labctl."""
