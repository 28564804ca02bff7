"""labctl: one YAML file becomes a small internet of mail."""
