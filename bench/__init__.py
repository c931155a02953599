"""The benchmark: `make bench` measures a batch against single requests, against peers, and against the floor."""
