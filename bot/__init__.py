"""The account itself: everything that runs."""
