"""Questions to a class, and its votes: one a phone and question, until the answer is shown.

An answer is shown when the teacher reveals it, or when the time is over by the server's clock.
Before, no phone gets it, nor another phone's vote.
"""

from dataclasses import asdict, dataclass
from time import time

from sqlalchemy import Connection, insert, select, update

from cnnviz.classroom import limits
from cnnviz.classroom.access import (
    Kind,
    Round,
    begin_round,
    change_class,
    check_phone,
    count_rows,
    find_class,
    find_round,
)
from cnnviz.classroom.database import Found, begin, images, phones, questions, votes
from cnnviz.classroom.pictures import QuestionImage, render_picture
from cnnviz.classroom.questions import (
    Bar,
    Result,
    count_right,
    count_votes,
    has_answer,
    pack_given,
    pack_question,
    read_given,
    summarize_votes,
    unpack_given,
    unpack_question,
)
from cnnviz.errors import ClassroomError
from cnnviz.quizzes.plain import write_plain
from cnnviz.quizzes.question import Question
from cnnviz.quizzes.score import Given


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question as a phone or the wall shows it.

    Attributes:
        number: Of its round.
        text: The question, plain text.
        kind: "number", "one" or "several".
        choices: None for a number.
        unit: Of a number.
        has_picture: Whether the teacher's page shows something that the phones do not.
        images: What stands below each image of it, which `list_images` has.
        left: Seconds until the time is over; None without a limit.
        given: This phone's own vote: places of choices, or a number; None without one.
        is_over: Whether the answer is shown.
        is_right: Whether the own vote is right; None before, without a vote or a right answer.
        places: The right choices; empty before.
        answer: The right answer for people; empty before, and where none is right.
        solution: Why; empty before.
    """

    number: int
    text: str
    kind: str
    choices: tuple[str, ...]
    unit: str
    has_picture: bool
    images: tuple[str, ...]
    left: float | None
    given: float | list[int] | None
    is_over: bool
    is_right: bool | None = None
    places: tuple[int, ...] = ()
    answer: str = ""
    solution: str = ""


@dataclass(frozen=True, slots=True)
class Poll:
    """What a teacher sees of the votes.

    Attributes:
        version: Of the class.
        phones: How many have joined.
        question: That the class is asked now; None for something else.
        voted: Phones that have voted.
        right: Of these, rightly; None before the answer is shown, or where none is right.
        bars: The votes by answer.
        results: Of all questions whose answer was shown.
    """

    version: int
    phones: int
    question: QuestionView | None
    voted: int
    right: int | None
    bars: tuple[Bar, ...]
    results: tuple[Result, ...]

    @property
    def left(self) -> float | None:
        """Seconds until the poll changes by itself; None where it does not."""
        return self.question.left if self.question and not self.question.is_over else None


def ask_question(code: str, key: str, question: Question, *, seconds: float = 0) -> int:
    """Ask a class a question; return the number of the round.

    Args:
        code: Of the class.
        key: The teacher's.
        question: With its choices and its answer.
        seconds: The time limit; 0 for none.

    Raises:
        ClassroomError: The class cannot be asked, or a limit is reached.
    """
    if not 0 <= seconds <= limits.MAX_SECONDS:
        raise ClassroomError(
            f"The time limit is {seconds} seconds; give at most {limits.MAX_SECONDS}.", status=400
        )
    content, pictures = pack_question(question), render_picture(question.draft.picture)
    if sum(len(one.png) for one in pictures) > limits.MAX_IMAGES_BYTES:
        raise ClassroomError(
            "The images of this question are too large for phones. Use smaller ones.", status=400
        )
    with change_class(code, key=key, for_phones=True) as (connection, found):
        number = begin_round(connection, found.id, Round(0, Kind.ASK))
        row = {"class_id": found.id, "number": number, "content": content, "solution": ""}
        row |= {"ends": time() + seconds if seconds else None, "is_revealed": False}
        connection.execute(insert(questions).values(row))
        own = {"class_id": found.id, "number": number}
        for place, one in enumerate(pictures):
            connection.execute(insert(images).values(own | {"place": place} | asdict(one)))
    return number


def list_images(
    code: str, number: int, *, token: str = "", key: str = ""
) -> tuple[QuestionImage, ...]:
    """Return the images of a question, for a phone of the class or its teacher.

    Args:
        code: Of the class.
        number: Of the question's round.
        token: Of a phone; empty for the teacher.
        key: The teacher's; empty for a phone.

    Raises:
        ClassroomError: There is no such class, or neither secret is of it.
    """
    with begin() as connection:
        found = find_class(connection, code, key=key or None)
        if not key:
            check_phone(connection, found.id, token)
        mine = images.c.class_id == found.id, images.c.number == number
        kept = select(images.c.caption, images.c.png).where(*mine).order_by(images.c.place)
        return tuple(QuestionImage(row.caption, row.png) for row in connection.execute(kept))


def keep_vote(code: str, token: str, number: int, given: object) -> None:
    """Keep a phone's vote, in place of one that it gave before.

    Raises:
        ClassroomError: The phone may not vote now, or the vote is no answer.
    """
    came = time()
    with change_class(code) as (connection, found):
        phone = check_phone(connection, found.id, token)
        if limits.vote_rate.is_reached(phone.token_hash):
            raise ClassroomError(
                f"You voted {limits.vote_rate.count} times within a minute. Wait a little.",
                status=429,
            )
        row = _find_question(connection, found.id, number)
        if row is None or find_round(connection, found.id).number != number:
            raise ClassroomError("The class is not asked this question now.", status=400)
        if row.is_revealed:
            raise ClassroomError("The answer is shown already. Votes are closed.", status=400)
        if _is_over(row, came):
            raise ClassroomError("The time is over. This vote came too late.", status=400)
        packed = pack_given(read_given(unpack_question(row.content)[0], given))
        mine = votes.c.phone_id == phone.id, votes.c.number == number
        if connection.execute(update(votes).where(*mine).values(given=packed)).rowcount == 0:
            kept = {"class_id": found.id, "phone_id": phone.id, "number": number, "given": packed}
            connection.execute(insert(votes).values(kept))
    limits.vote_rate.add(phone.token_hash)


def reveal_answer(code: str, key: str, number: int, *, solution: str = "") -> None:
    """Show the answer to a question on the wall and on all phones, and close its votes.

    Args:
        code: Of the class.
        key: The teacher's.
        number: Of the question's round.
        solution: What a page computed meanwhile, Markdown; empty for what the question brought.

    Raises:
        ClassroomError: There is no such class or question, or the key is not the class's own.
    """
    values: dict[str, object] = {"is_revealed": True}
    if solution:
        values["solution"] = write_plain(solution)[: limits.MAX_QUESTION_TEXT]
    with change_class(code, key=key, for_phones=True) as (connection, found):
        mine = questions.c.class_id == found.id, questions.c.number == number
        if connection.execute(update(questions).where(*mine).values(values)).rowcount == 0:
            raise ClassroomError("There is no such question in this class.", status=404)


def read_poll(code: str, key: str) -> Poll:
    """Return what the teacher of a class sees of the votes.

    Raises:
        ClassroomError: There is no such class, or the key is not its own.
    """
    now = time()
    with begin() as connection:
        found = find_class(connection, code, key=key)
        asked = select(questions).where(questions.c.class_id == found.id)
        rows = connection.execute(asked.order_by(questions.c.number)).all()
        given = _list_votes(connection, found.id)
        current = find_round(connection, found.id).number
        joined = count_rows(connection, phones, found.id)
    results = [
        summarize_votes(unpack_question(row.content)[0], given.get(row.number, []))
        for row in rows
        if _is_over(row, now)
    ]
    row = next((one for one in rows if one.number == current), None)
    if row is None:
        return Poll(found.version, joined, None, 0, None, (), tuple(results))
    question, is_over = unpack_question(row.content)[0], _is_over(row, now)
    mine = given.get(current, [])
    return Poll(
        version=found.version,
        phones=joined,
        question=_view(row, now),
        voted=len(mine),
        right=count_right(question, mine) if is_over else None,
        bars=count_votes(question, mine, is_over=is_over),
        results=tuple(results),
    )


def find_view(connection: Connection, asked: Round, phone: Found) -> QuestionView | None:
    """Return the question of a round as a phone sees it; None where it asks for something else."""
    row = _find_question(connection, phone.class_id, asked.number)
    if row is None:
        return None
    mine = votes.c.phone_id == phone.id, votes.c.number == asked.number
    kept = connection.execute(select(votes.c.given).where(*mine)).scalar()
    return _view(row, time(), unpack_given(kept) if kept is not None else None)


def _view(row: Found, now: float, given: Given | None = None) -> QuestionView:
    """A question without its answer, or with it once that is shown."""
    question, look = unpack_question(row.content)
    draft = question.draft
    is_over, has = _is_over(row, now), has_answer(question)
    places = sorted(draft.answer) if isinstance(draft.answer, frozenset) else []
    return QuestionView(
        number=row.number,
        text=question.text,
        kind=str(question.answer_kind),
        choices=draft.choices,
        unit=draft.unit,
        has_picture=look.has_picture,
        images=look.images,
        left=None if row.ends is None else max(row.ends - now, 0.0),
        given=sorted(given) if isinstance(given, frozenset) else given,
        is_over=is_over,
        is_right=question.is_right(given) if is_over and has and given is not None else None,
        places=tuple(places) if is_over else (),
        answer=question.write_answer(draft.answer) if is_over and has else "",
        solution=(row.solution or question.solution) if is_over else "",
    )


def _is_over(row: Found, now: float) -> bool:
    return bool(row.is_revealed) or (row.ends is not None and now > row.ends)


def _find_question(connection: Connection, class_id: int, number: int) -> Found | None:
    mine = questions.c.class_id == class_id, questions.c.number == number
    return connection.execute(select(questions).where(*mine)).first()


def _list_votes(connection: Connection, class_id: int) -> dict[int, list[Given]]:
    """The votes of a class by the number of the round."""
    found: dict[int, list[Given]] = {}
    for row in connection.execute(select(votes).where(votes.c.class_id == class_id)):
        found.setdefault(row.number, []).append(unpack_given(row.given))
    return found
