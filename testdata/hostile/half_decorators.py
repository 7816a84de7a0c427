@
@@
@pytest.mark.parametrize(
def test_a(