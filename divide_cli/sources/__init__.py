"""Where figures come from: editions, groupings of areas, populations, downloads."""
