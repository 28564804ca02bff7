"""Show that it works: expectations become testinfra checks across nodes."""
