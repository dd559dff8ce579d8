"""Writes the compiled tables and statements: ``python plugins/sqlite/tests/render_compiled.py``."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.dialects import sqlite

from plugwork_sql.compiling import render_module

TARGET = Path(__file__).parents[1] / "src" / "plugwork_sqlite" / "compiled.py"

if __name__ == "__main__":
    text = render_module(sqlite.dialect(paramstyle="qmark"), sqlite.insert)
    TARGET.write_text(text, encoding="utf-8")
