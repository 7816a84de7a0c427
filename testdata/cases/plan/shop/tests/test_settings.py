SETTINGS = {"debug": False}
PORT = SETTINGS["port"]


def test_port():
    assert PORT
