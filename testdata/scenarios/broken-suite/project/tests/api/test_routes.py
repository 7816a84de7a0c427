from src.shop.api.routes import register


def test_register():
    assert register
