import notes_server
from notes_server import main, serve


def test_main():
    assert main() and serve
