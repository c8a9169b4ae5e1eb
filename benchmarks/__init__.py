"""Speed beside a peer, on the same data and machine: ./go bench NAME runs `measure` of one module."""
