"""Whether a send request is a valid one, and what exactly is wrong when it is not."""
