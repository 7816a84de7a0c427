from notes_server.server import NotesServer, add_note


def test_add():
    assert NotesServer and add_note("x")
