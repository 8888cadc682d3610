"""Booking, from the user's side: asking, one's own bookings, cancelling, moving, the calendar."""
