"""What the teacher of a class sees."""
