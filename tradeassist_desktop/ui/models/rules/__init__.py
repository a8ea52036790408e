"""The rules table: what each row shows, which rows there are, and in what order."""
