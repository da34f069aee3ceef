"""Quizzes: questions whose numbers are drawn and whose answers the backend computes."""
