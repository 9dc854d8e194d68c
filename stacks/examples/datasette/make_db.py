"""The database that it serves; run once, when the image is built."""
import sqlite3

with sqlite3.connect("books.db") as db:
    db.execute("CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT NOT NULL, year INTEGER NOT NULL)")
    db.executemany("INSERT INTO books VALUES (?, ?, ?)", ((i, f"Book {i}", 1900 + i % 120) for i in range(1, 5001)))
    db.execute("CREATE INDEX books_of_year ON books (year)")
