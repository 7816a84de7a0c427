from warehouse.database import connect

CONNECTION = connect()


def test_schema():
    assert CONNECTION
