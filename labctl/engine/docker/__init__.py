"""Labs made of containers, through the Docker API."""
