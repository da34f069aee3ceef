"""Classes: a teacher's questions, the students' drawings, and who may do what."""
