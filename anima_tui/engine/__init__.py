"""The process with torch in it."""
