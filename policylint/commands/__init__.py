"""The commands, one a module; each has a `command` that returns the exit status."""
