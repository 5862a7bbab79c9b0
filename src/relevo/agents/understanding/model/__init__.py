"""Understanding by a language model: it labels, from a closed set, and nothing it says counts before code has checked it."""
