"""spawn(8): an external command per connection, as inetd has it."""
