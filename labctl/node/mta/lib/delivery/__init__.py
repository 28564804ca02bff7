"""What delivery agents share: requests, their outcome, copies, commands for a recipient."""
