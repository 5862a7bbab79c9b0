"""The heart: receive, turn, deliver. Reads top to bottom like the drawing in the design."""
