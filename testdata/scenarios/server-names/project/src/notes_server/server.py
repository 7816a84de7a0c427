from tinyserver import Server

from .store import NoteStore

server = Server("notes")
store = NoteStore()


@server.tool
def add_note(text):
    return store.add(text)


@server.tool
def list_notes():
    return store.notes


def main():
    return server
