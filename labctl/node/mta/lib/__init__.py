"""What MTA programs share: configuration, tables, queue files, the seams between services."""
