def test_api(db):
    assert db
