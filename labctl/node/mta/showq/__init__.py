"""showq(8): the queue, for those who may not read its directories."""
