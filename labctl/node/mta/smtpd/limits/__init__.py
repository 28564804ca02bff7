"""How much one client may do: errors, commands ahead of their turn, events in a time unit."""
