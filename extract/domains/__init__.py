"""What a row means."""
