"""The only package that writes SQL: one SQLite file, one writer thread, one repository per aggregate."""
