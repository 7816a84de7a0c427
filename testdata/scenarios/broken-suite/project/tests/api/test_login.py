from helpers import service


def test_login():
    assert service()
