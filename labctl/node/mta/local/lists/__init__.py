"""What an address leads to: aliases, .forward files, :include: files, and their syntax."""
