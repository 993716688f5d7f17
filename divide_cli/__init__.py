"""divide: the digital-divide indicator calculator."""

__version__ = "0.2.0"
