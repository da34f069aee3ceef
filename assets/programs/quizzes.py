"""Quizzes: questions with their answers, to print a sheet of exercises."""

# %% Everything is computed by the package cnnviz.
from cnnviz.quizzes.kinds import make_question

# %% Change these values and run the program again.
KIND = "output_size"  # or "convolution_parameters", "stack_field", ...
SEED = 1
COUNT = 5  # questions with numbers of their own

# %% Draw the numbers and compute the answers.
questions = [make_question(KIND, SEED + place) for place in range(COUNT)]

# %% Print each question, its choices and its answer.
for number, question in enumerate(questions, start=1):
    print(f"{number}. {question.text}")
    for choice in question.draft.choices:
        print(f"   [ ] {choice}")
    print(f"answer {number}: {question.write_answer(question.draft.answer)}")
