# -*- coding: utf-9000 -*-


def test_a():
    pass
