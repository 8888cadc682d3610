"""What bookings cost in the end, and what is still to be paid."""
