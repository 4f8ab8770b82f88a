"""The world around the servers: actions, network, faults, drivers, shrinking and traces."""
