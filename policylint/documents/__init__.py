"""JSON and YAML texts: values out of them, and the places that values came from."""
