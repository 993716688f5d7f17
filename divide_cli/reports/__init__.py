"""Results and the catalogue on the terminal."""
