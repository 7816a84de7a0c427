from bridge.session import Session


def test_send(text):
    assert Session().send(text)
