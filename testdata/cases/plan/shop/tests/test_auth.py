from shop.auth import authenticate


def test_auth():
    assert authenticate("me")
