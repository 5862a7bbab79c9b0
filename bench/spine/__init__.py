"""The benchmark of the spine: webhook in, reply out."""
