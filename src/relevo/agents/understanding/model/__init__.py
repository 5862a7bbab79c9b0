"""Understanding by a language model: it labels from a closed set; nothing it says counts before code has checked it."""
