"""What a class's students submit is kept, listed for the teacher and deleted in one way."""

from typing import Any, TypeVar

from sqlalchemy import Table, delete, insert, select

from cnnviz.classroom import limits
from cnnviz.classroom.access import change_class, count_rows, find_class
from cnnviz.classroom.database import begin
from cnnviz.errors import ClassroomError

Entry = TypeVar("Entry")


def keep_entry(
    code: str, table: Table, row: dict[str, Any], *, visitor: str, most: int, name: str
) -> int:
    """Keep what was submitted to a class; return its number, which says nothing of whose it is.

    Args:
        code: Of the class.
        table: Where it is kept.
        row: Its columns without the class; "id" is given here.
        visitor: Who submits it; counted in memory and not kept.
        most: How many a class keeps.
        name: What they are, for people, in the plural.

    Raises:
        ClassroomError: There is no such class, or a limit is reached.
    """
    kept = {column: value for column, value in row.items() if column != "id"}
    with change_class(code) as (connection, found):
        if count_rows(connection, table, found.id) >= most:
            raise ClassroomError(
                f"This class already keeps {most} {name}. Ask for a new class.", status=429
            )
        # Here, where the changes of a class follow each other, so that none passes beside another.
        if limits.run_rate.is_reached(visitor):
            raise ClassroomError(
                f"You submitted {limits.run_rate.count} results within a minute. Wait a little.",
                status=429,
            )
        made = connection.execute(insert(table).values(class_id=found.id, **kept))
        limits.run_rate.add(visitor)
        assert made.inserted_primary_key is not None  # noqa: S101  (for the type, as of one row)
        return int(made.inserted_primary_key[0])


def list_entries(code: str, key: str, table: Table, kind: type[Entry]) -> tuple[Entry, ...]:
    """Return what was submitted to a class in the order it came, for its teacher.

    Args:
        code: Of the class.
        key: The teacher's.
        table: Where it is kept.
        kind: The dataclass of an entry, whose fields are columns.

    Raises:
        ClassroomError: There is no such class, or the key is not its own.
    """
    with begin() as connection:
        found = find_class(connection, code, key=key)
        fields: dict[str, Any] = getattr(kind, "__dataclass_fields__", {})
        kept = select(*(table.c[name] for name in fields))
        rows = connection.execute(kept.where(table.c.class_id == found.id).order_by(table.c.id))
        return tuple(kind(**row) for row in rows.mappings())


def delete_entry(code: str, key: str, table: Table, number: int, *, name: str) -> None:
    """Delete one of what was submitted to a class.

    Raises:
        ClassroomError: The class or the entry is not there, or the key is not the class's own.
    """
    with change_class(code, key=key) as (connection, found):
        mine = table.c.class_id == found.id, table.c.id == number
        if connection.execute(delete(table).where(*mine)).rowcount == 0:
            raise ClassroomError(f"There is no such {name} in this class.", status=404)
