import os

import pytest

if not os.environ.get("WAREHOUSE_QUEUE"):
    pytest.skip("WAREHOUSE_QUEUE is not set", allow_module_level=True)


def test_queue():
    pass
