"""What the author wrote: YAML to typed models, and what is wrong with it."""
