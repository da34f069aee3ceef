"""What a student's phone sees."""
