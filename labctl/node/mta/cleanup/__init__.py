"""cleanup(8): every message passes here on its way into the queue."""
