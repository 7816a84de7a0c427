from notes_server.server import add_note, list_notes


def test_tools():
    add_note("x")
    assert list_notes()
