"""A message on its way in: its content off the wire, its envelope and trace, its end."""
