"""What providers tell us of their breaches, at the edge: pages and JSON."""
