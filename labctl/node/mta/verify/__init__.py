"""verify(8): finds out whether an address is deliverable, and remembers it."""
