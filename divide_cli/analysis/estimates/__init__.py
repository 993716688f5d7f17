"""Estimates of values that no office reported: the model, joint draws of economies, and the columns EST_*."""
