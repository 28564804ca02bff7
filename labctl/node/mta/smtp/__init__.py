"""smtp(8) and lmtp(8): deliver to another machine, or say why not."""
