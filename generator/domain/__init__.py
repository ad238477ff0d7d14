"""What the records mean: stages, rates, tallies and the figures counted from them."""
