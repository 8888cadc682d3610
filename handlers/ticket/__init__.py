"""Tickets in chat: opened, followed, answered."""
