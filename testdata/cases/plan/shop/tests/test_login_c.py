from helpers import login


def test_login():
    assert login()
