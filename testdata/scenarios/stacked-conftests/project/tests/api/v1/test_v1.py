def test_v1(db, version):
    assert version
