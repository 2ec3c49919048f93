"""What people do with clocks: start them, move them, stop them, and say why a notice is late."""
