"""The engine of `policylint audit`: months of logs, out of core."""
