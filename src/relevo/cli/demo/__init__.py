"""`relevo demo`: a morning at a shop, on one machine, watched in the terminal."""
