"""Labs made of Linux namespaces: no root, no daemon, no image."""
