from src.shop.api.auth import generate_jwt_token


def test_token():
    assert generate_jwt_token("ann") == "token-ann"
