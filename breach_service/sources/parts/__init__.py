"""What every sender is read with: bodies, texts, times, names of things, words."""
