import hypothetical
from notes_server.store import NoteStore


def test_store():
    assert hypothetical and NoteStore()
