"""Which rolls, splits and renames the trader has settled, and how."""

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from tradeassist_desktop.storage.tables import settled_proposals


def settled(connection: Connection) -> frozenset[str]:
    """Return the ids of all that are settled."""
    return frozenset(connection.execute(select(settled_proposals.c.id)).scalars())


def settle(connection: Connection, proposal_id: str, outcome: str, *, now_ns: int) -> None:
    """Keep that a proposal was ``applied`` or ``dismissed``."""
    row = {"id": proposal_id, "outcome": outcome, "settled_ns": now_ns}
    connection.execute(
        insert(settled_proposals).values(row).on_conflict_do_update(index_elements=["id"], set_=row)
    )


def reopen(connection: Connection, proposal_id: str) -> None:
    """Forget that a proposal was settled."""
    connection.execute(delete(settled_proposals).where(settled_proposals.c.id == proposal_id))
