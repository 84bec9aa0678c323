"""Recordings: files, folders and streams in; events, unreadable records and counts out."""
