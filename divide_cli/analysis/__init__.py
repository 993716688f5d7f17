"""Observations -> results: group values, pairs, gaps, measures, trends, targets."""
