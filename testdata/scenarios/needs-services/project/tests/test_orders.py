import pytest


@pytest.mark.integration
def test_insert(database):
    assert database


@pytest.mark.integration
def test_select(database):
    assert database
