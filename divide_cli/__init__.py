"""divide: the digital-divide indicator calculator."""

__version__ = "0.1.0"
