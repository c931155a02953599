"""Tasks as one would write them today with Django."""
