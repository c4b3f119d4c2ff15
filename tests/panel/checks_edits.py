"""Changes that people make, and what undoes them."""
