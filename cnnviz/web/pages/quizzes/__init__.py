"""What the page with the quizzes shows."""
