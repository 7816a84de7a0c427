def test_web(db, user):
    assert db
