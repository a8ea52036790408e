"""Run by Alembic: the caller's connection, inside the caller's transaction, or nothing at all."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    # SQLite can undo table changes; Alembic assumes it cannot and would commit after each.
    transactional_ddl=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
