"""Lexicons: weighted words that tell promotion, requests for feedback and topics, and the scorer that adds them up."""
