from bridge.messages import encode


def test_encode(text):
    assert encode(text) == b"hello"
