"""master(8): binds the sockets of all services, starts their processes, keeps them going."""
